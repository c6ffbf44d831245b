"""The case of a word that is written anew."""


def cased(word: str, like: str) -> str:
    """Return a word in the case of another."""
    letters = [char for char in like if char.isalpha()]
    if len(letters) > 1 and all(char.isupper() for char in letters):
        return word.upper() if len(word.upper()) == len(word) else word
    if letters and letters[0].isupper():
        return word[:1].upper() + word[1:]
    return word.lower() if word.isupper() else word


def capitals(letters: list[str], like: str) -> list[str]:
    """Return letters in capitals when those that stood there are."""
    written = [char for char in like if char.isalpha()]
    if len(written) > 1 and all(char.isupper() for char in written):
        return [char.upper() for char in letters]
    return letters
