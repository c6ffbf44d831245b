"""The live view, drawn at two widths."""

import pytest
from rich.console import Console

from streams.packs.wording import default_wording_folder, load_wording
from streams.up.screen import Card, Rates, draw
from streams.up.tally import Tally
from tests import builders as build
from tests.up.test_tally import cursor, label_events


def screen(width, height=30, text="dead people voted"):
    tally = Tally()
    tally.on_cursor(cursor(1000), now=0.0)
    event = label_events(build.post("p1", text))[0]
    seen = tally.on_event(event, event.post_received_at.timestamp() + 0.25, 0)
    console = Console(width=width, height=height, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(
        draw(
            tally,
            [Card(seen, build.post("p1", text))],
            load_wording(default_wording_folder()),
            title="Hustings · test",
            posts_per_second=120.0,
            width=width,
            height=height,
            now=event.post_received_at.timestamp() + 2,
        )
    )
    console.file.close()
    return console.export_text()


@pytest.mark.parametrize("width", [80, 200])
def test_the_view_shows_the_post_the_claim_and_its_sources_with_addresses(width):
    shown = screen(width)
    assert all(len(line) <= width for line in shown.splitlines())
    for expected in (
        "dead people voted",
        "Sources dispute this claim about dead people on the voter rolls",
        "https://election-office.example",
        "https://daily-checker.example",
        "250 ms",
        "posts/s",
    ):
        assert expected in shown


def test_a_post_cannot_draw_on_the_screen():
    shown = screen(80, text="[bold red]loud[/] \x1b[2J\x1b[1;1Hgone")
    assert "[bold red]loud[/]" in shown
    assert "\x1b" not in shown


def test_rates_count_the_last_seconds_only():
    now = [0.0]
    rates = Rates(clock=lambda: now[0])
    for second in range(20):
        now[0] = float(second)
        rate = rates.add(second * 100 if second < 10 else 1000)
    assert rate == 0
