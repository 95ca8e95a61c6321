"""The one exception that reaches a reader as a single sentence with its next step."""


class BookError(Exception):
    """Something the reader can mend; `python -m book` prints its text and exits with status 1.

    Examples:
        >>> raise BookError("Port 8000 is in use. Choose another one: make book PORT=8001")
        Traceback (most recent call last):
        book.errors.BookError: Port 8000 is in use. Choose another one: make book PORT=8001
    """
