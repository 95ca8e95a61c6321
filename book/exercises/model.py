"""The three kinds of exercise; a definition that could leave a learner without a fitting hint is refused."""

from collections.abc import Callable
from dataclasses import dataclass

from book.exercises import rules
from book.exercises.functions import first_failure, is_stub
from book.exercises.reading import is_blank, read_number, same, slip, trimmed
from book.exercises.verdict import SENTENCES, State, Verdict


class _Judged:
    """What the three kinds share: the placeholder is not attempted, everything else is right or wrong."""

    id: str
    right: str
    hint_for: Callable[[object], str | None]

    def verdict(self, answer: object = ...) -> Verdict:
        """Judge an answer: right, wrong with one hint, or not attempted yet."""
        if is_blank(answer):
            return self._unanswered()
        hint = self.hint_for(answer)
        return self._say("right", reason=self.right) if hint is None else self._say("wrong", hint=hint)

    def _say(self, state: State, sentence: str | None = None, **holes: str) -> Verdict:
        return Verdict(self.id, state, SENTENCES[sentence or state].format(**holes))

    def _unanswered(self) -> Verdict:
        return self._say("unanswered")


@dataclass(frozen=True)
class Number(_Judged):
    """An exercise answered with one number.

    Args:
        id: "1-numbers/spacing": the part, then the exercise's name.
        prompt: the question in one plain sentence; on the page it names the group of controls.
        answer: the right number.
        mistakes: wrong number → the hint for whoever arrives there; three or more in the book.
        hint: for every other wrong number.
        rtol: relative tolerance, for the answer and the mistakes; 0 where only the exact number is right.
        right: why the answer is right, in a sentence.
        worked: the solution in Markdown, with maths.

    Raises:
        ValueError: two of the numbers count as the same, a hint is missing or occurs twice.

    Examples:
        >>> mistakes = {2: "That is 2/1.", 1: "That is 2/2."}
        >>> half = Number("1-numbers/half", "What is 1/2?", 0.5, mistakes, "Divide.",
        ...               right="One in two.", worked="$1/2 = 0.5$")
        >>> half.verdict(), half.verdict(0.5), half.verdict(2), half.verdict("0,5")
        ... # doctest: +NORMALIZE_WHITESPACE
        (Not attempted yet., Right. One in two., Not yet. That is 2/1.,
         Not yet. Give one number, such as `0.25`, `3e-5` or `2^-10`, without any comma.)
    """

    id: str
    prompt: str
    answer: float
    mistakes: dict[float, str]
    hint: str
    rtol: float = 1e-2
    right: str = ""
    worked: str = ""

    def __post_init__(self):
        rules.check_texts(self.id, prompt=self.prompt, right=self.right)
        rules.check_worked(self.id, self.worked)
        rules.check_hints(self.id, [*self.mistakes.values(), self.hint])
        rules.check_numbers(self.id, [self.answer, *self.mistakes], self.rtol)

    def hint_for(self, answer: object) -> str | None:
        """Return the hint for a wrong answer, None for the right one."""
        value = read_number(answer)
        if value is None:
            return SENTENCES["not a number"]
        if same(value, self.answer, self.rtol):
            return None
        listed = (hint for wrong, hint in self.mistakes.items() if same(value, wrong, self.rtol))
        return next(listed, None) or slip(value, self.answer, self.rtol) or self.hint


@dataclass(frozen=True)
class Choice(_Judged):
    """An exercise answered by choosing one option, by its key or by its text.

    Args:
        id, prompt, right, worked: as for `Number`.
        options: key → text, four or more, each wrong one plausible.
        answer: the key of the right option.
        hints: the hint for each wrong key.

    Raises:
        ValueError: a wrong option has no hint, two options read alike, there are fewer than three wrong ones.

    Examples:
        >>> options = {"a": "one", "b": "two", "c": "three", "d": "five"}
        >>> hints = {"a": "1/2?", "c": "3/2?", "d": "5/2?"}
        >>> even = Choice("1-numbers/even", "Which is even?", options, "b", hints,
        ...               right="2 = 2 × 1.", worked="Halve each.")
        >>> even.verdict("B"), even.verdict("three"), even.verdict("e")
        (Right. 2 = 2 × 1., Not yet. 3/2?, Not yet. Choose one of a, b, c, d.)
    """

    id: str
    prompt: str
    options: dict[str, str]
    answer: str
    hints: dict[str, str]
    right: str = ""
    worked: str = ""

    def __post_init__(self):
        rules.check_texts(self.id, prompt=self.prompt, right=self.right)
        rules.check_worked(self.id, self.worked)
        rules.check_options(self.id, self.options, self.answer, self.hints)
        rules.check_hints(self.id, list(self.hints.values()))

    def hint_for(self, answer: object) -> str | None:
        """Return the hint for a wrong answer, None for the right one."""
        given = trimmed(str(answer)).lower()
        keys = [key for key, text in self.options.items() if given in (key.lower(), text.lower())]
        if not keys:
            return SENTENCES["not an option"].format(keys=", ".join(self.options))
        return self.hints.get(keys[0])


@dataclass(frozen=True)
class Case:
    """One thing that a learner's function must do.

    Args:
        passes: takes the function, calls it on inputs it makes itself, says whether the result is right.
        hint: for whoever fails here first.

    Examples:
        >>> Case(lambda f: f(2) == 4, "Try it by hand with 2.").passes(lambda x: x * x)
        True
    """

    passes: Callable[[Callable], bool]
    hint: str


@dataclass(frozen=True)
class Code(_Judged):
    """An exercise answered with a function.

    Args:
        id, prompt, right: as for `Number`.
        solution: a named function; its source is the folded solution.
        cases: three or more, in the order in which their hints help; each makes its own tensors.
        worked: more about the solution, in Markdown; may be left out.

    Raises:
        ValueError: fewer than three hints, two of them alike, or a solution without a source to show.

    Examples:
        >>> def halve(x):
        ...     return x / 2
        >>> cases = (Case(lambda f: f(4) == 2, "Half of 4?"), Case(lambda f: f(1) == 0.5, "Half of 1?"),
        ...          Case(lambda f: f(-2) == -1, "Half of -2?"))
        >>> code = Code("1-numbers/halve", "Write a function that halves.", halve, cases, "Halved.")
        >>> code.verdict(halve), code.verdict(lambda x: x // 2), code.verdict(lambda x: ...)
        (Right. Halved., Not yet. Half of 1?, Not attempted yet.)
    """

    id: str
    prompt: str
    solution: Callable
    cases: tuple[Case, ...]
    right: str = ""
    worked: str = ""

    def __post_init__(self):
        rules.check_texts(self.id, prompt=self.prompt, right=self.right)
        rules.check_hints(self.id, [case.hint for case in self.cases])
        rules.check_function(self.id, self.solution)

    def verdict(self, answer: object = ...) -> Verdict:
        """Judge a function: not attempted (the stub), right, or the hint of the first case that fails."""
        if answer is ... or is_stub(answer):
            return self._unanswered()
        if not callable(answer):
            return self._say("wrong", hint=SENTENCES["not a function"])
        failure = first_failure(answer, self.cases)
        if failure is None:
            return self._say("right", reason=self.right)
        sentence, hint, error = failure
        if sentence == "wrong":
            return self._say("wrong", hint=hint)
        return self._say("wrong", hint=SENTENCES[sentence].format(error=error, hint=hint))


Exercise = Number | Choice | Code
