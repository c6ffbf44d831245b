"""Turn a terminal's screen with its colours into an SVG that loads nothing from elsewhere.

tmux new-session -d -s demo -x 110 -y 34 "hustings up demo"
tmux capture-pane -e -p -t demo | python deploy/pictures/render.py deploy/pictures/live-view.svg
"""

import io
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import NIGHT_OWLISH
from rich.text import Text

FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
  <style>
    .{unique_id}-matrix {{
      font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
      font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
    }}
    {styles}
  </style>
  <defs><clipPath id="{unique_id}-clip-terminal">
    <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
  </clipPath>{lines}</defs>
  {chrome}
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">{matrix}</g>
  </g>
</svg>
"""


def main() -> None:
    """Read a screen from standard input and write the picture."""
    lines = [Text.from_ansi(line) for line in sys.stdin.read().rstrip().splitlines()]
    width = max(line.cell_len for line in lines)
    console = Console(width=width, record=True, file=io.StringIO())
    for line in lines:
        console.print(line, no_wrap=True, overflow="crop")
    Path(sys.argv[1]).write_text(
        console.export_svg(
            title="make run",
            theme=NIGHT_OWLISH,
            code_format=FORMAT,
            unique_id="hustings",
        ),
        encoding="utf-8",
    )
    print(f"wrote {sys.argv[1]}: {width} columns, {len(lines)} lines")


main()
