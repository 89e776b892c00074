"""The inspector's page of a flood's balance: where every cubic metre came from and where it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui import theme
from gui.object_panel import label
from gui.water_bar import volume_words
from gui.words import number, tr

if TYPE_CHECKING:
    from citymodel.analysis.flood.shown import Share

CAME = ("#4b6cb7", "#7f9fe0", "#2f4a86", "#a5bdf0", "#5c86c9")
LEFT = ("#8a6d00", "#b4531f", "#2f7d4f", "#7a4fa3", "#b0366f", "#3d6f78", "#5c5c5c")
THERE = "#1f8fb4"
TALL = 22
AT_START = "there at the start"
"""The name of the share that had not come yet, but stood there."""


class Stack(QWidget):
    """Volumes side by side, as long as their share of the whole."""

    def __init__(self, parts: Sequence[tuple[str, float, str]], whole: float) -> None:
        super().__init__()
        self.parts, self.whole = parts, whole
        self.setFixedHeight(TALL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("\n".join(f"{name}: {volume_words(volume)}" for name, volume, _ in parts))
        self.setAccessibleName("; ".join(f"{name} {volume_words(volume)}" for name, volume, _ in parts))

    def paintEvent(self, event: QPaintEvent) -> None:
        left = 0.0
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.Look.colours.line))
            for _, volume, colour in self.parts:
                wide = self.width() * volume / self.whole if self.whole > 0 else 0.0
                painter.fillRect(QRectF(left, 0.0, max(wide - 1.0, 0.6) if volume > 0 else 0.0, TALL), QColor(colour))
                left += wide


class BalancePanel(QWidget):
    """A card a state: two bars of the same length, what came and what became of it, and the same as rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(tr("Where did every cubic metre go?"), "title")
        self.of, self.hint = label("", "quiet"), label("", "quiet")
        self.copy = QPushButton(tr("Copy as text"))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        self.cards = QVBoxLayout()
        self.cards.setSpacing(10)
        self.sentences: list[str] = []
        self._shown: tuple[str, Any, dict[str, str]] | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(8)
        for part in (self.title, self.of, self.hint):
            layout.addWidget(part)
        layout.addLayout(self.cards)
        layout.addWidget(self.copy)
        layout.addStretch(1)
        self.show_balance("", {}, {})

    def show_balance(self, name: str, balance: Mapping[str, Sequence[Share]], states: dict[str, str]) -> None:
        """Fill the page: of which flood, lines by state, and what the states are called."""
        if self._shown == (name, balance, states):
            return
        self._shown = (name, balance, states)
        self.of.setText(name)
        self.hint.setText(tr("No flood is shown, or it says nothing of its volumes. Compute one, or show it."))
        self.hint.setVisible(not balance)
        self.copy.setVisible(bool(balance))
        while self.cards.count():
            widget = self.cards.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        self.sentences = []
        colours = _colours([one for shares in balance.values() for one in shares])
        for state, shares in balance.items():
            head = states.get(state, state) if len(balance) > 1 else ""
            self.cards.addWidget(self._card(head, shares, colours))

    def _card(self, head: str, shares: Sequence[Share], colours: Mapping[tuple[str, str], str]) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(12, 8, 12, 10)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        row = 0
        if head:
            grid.addWidget(label(head[:1].upper() + head[1:], "head"), row, 0, 1, 3)
            row += 1
        came = [one for one in shares if one.side == "in"]
        went = [one for one in shares if one.side in ("out", "there")]
        error = sum(one.volume for one in shares if one.side == "error")
        whole = sum(one.volume for one in came)
        first = tr("It stood there or came") if any(one.name == AT_START for one in came) else tr("It came")
        for words, parts in ((first, came), (tr("and went"), went)):
            row = self._side(grid, row, words, parts, colours, max(whole, sum(one.volume for one in went)))
        share = abs(error) / whole if whole > 0 else 0.0
        grid.addWidget(label(tr("error"), wrap=False), row, 1)
        grid.addWidget(_right(error_words(error)), row, 2)
        grid.addWidget(label(account_words(share), "quiet"), row + 1, 0, 1, 3)
        self.sentences.append((f"{head}: " if head else "") + sentence(came, went, error))
        said = label(self.sentences[-1], "quiet")
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(said, row + 2, 0, 1, 3)
        return card

    def _side(
        self, grid: QGridLayout, row: int, words: str, parts: Sequence[Share], colours: Mapping[tuple[str, str], str],
        whole: float,
    ) -> int:  # fmt: skip
        """One bar with its rows; the next free row of the grid."""
        coloured = [(tr(one.name), one.volume, colours[one.side, one.name]) for one in parts]
        grid.addWidget(label(words, "quiet"), row, 0, 1, 2)
        grid.addWidget(_right(volume_words(sum(one.volume for one in parts))), row, 2)
        grid.addWidget(Stack(coloured, whole), row + 1, 0, 1, 3)
        row += 2
        for name, volume, colour in coloured:
            grid.addWidget(Square(colour), row, 0)
            grid.addWidget(label(name), row, 1)
            grid.addWidget(_right(volume_words(volume)), row, 2)
            row += 1
        return row

    def text(self) -> str:
        """The balance in sentences."""
        return "\n".join([self.of.text(), *self.sentences])


class Volumes(QWidget):
    """What a flood's balance comes to, a line a state, and the way to its page: wanted()."""

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = label("")
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QPushButton(tr("Where did the water go?"))
        self.more.setToolTip(tr("Every source, edge and sink with its volume (Shift+B)"))
        self.more.clicked.connect(self.wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 2)
        layout.setSpacing(4)
        layout.addWidget(label(tr("Volumes"), "head"))
        layout.addWidget(self.said)
        layout.addWidget(self.more, alignment=Qt.AlignmentFlag.AlignLeft)

    def show_volumes(self, balance: Mapping[str, Sequence[Share]], states: Mapping[str, str]) -> None:
        """Say the sums of a balance; nothing is seen without one."""
        heads = [states.get(state, state) for state in balance]
        lines = [
            (f"{head[:1].upper()}{head[1:]}: " if len(balance) > 1 else "") + sums_words(shares)
            for head, shares in zip(heads, balance.values(), strict=True)
        ]
        self.said.setText("\n".join(lines))
        self.setVisible(bool(balance))


def sums_words(shares: Sequence[Share]) -> str:
    """As "12,300 m³ came = 6,560 m³ left + 5,740 m³ still there + error 0.00 m³"; what stood there is no rain."""
    stood = sum(one.volume for one in shares if one.name == AT_START)
    came, left, there, error = (
        sum(one.volume for one in shares if one.side == side) for side in ("in", "out", "there", "error")
    )
    said = tr(
        "{came} came = {left} left + {there} still there + error {error}",
        came=volume_words(came - stood), left=volume_words(left), there=volume_words(there), error=error_words(error),
    )  # fmt: skip
    return tr("{stood} stood there + {rest}", stood=volume_words(stood), rest=said) if stood > 0 else said


def state_words(result: Any) -> dict[str, str]:
    """What base and scenario of a flood are called."""
    scenario = (result.provenance.get("scenario") or {}).get("name")
    return {"base": tr("as it is"), "scenario": scenario or tr("as proposed")}


class Square(QWidget):
    """A square of colour."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self.colour = colour
        self.setFixedSize(12, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(self.colour))


def _colours(shares: Sequence[Share]) -> dict[tuple[str, str], str]:
    """A colour by side and name: of all states the same for the same water."""
    found: dict[tuple[str, str], str] = {}
    for side, colours in (("in", CAME), ("out", LEFT), ("there", (THERE,))):
        names = dict.fromkeys(one.name for one in shares if one.side == side)
        found |= {(side, name): colours[at % len(colours)] for at, name in enumerate(names)}
    return found


def _right(words: str) -> QWidget:
    made = label(words, wrap=False)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made


def sentence(came: Sequence[Any], went: Sequence[Any], error: float) -> str:
    """As "12,300 m³ (rain 12,300) = sewer 3,100 + soil 2,200 + still there 7,000 + error 0.00"."""
    left = " + ".join(f"{tr(one.name)} {volume_words(one.volume)}" for one in came)
    right = " + ".join(f"{tr(one.name)} {volume_words(one.volume)}" for one in went)
    return f"{left or volume_words(0.0)} = {right} + {tr('error')} {error_words(error)}"


def error_words(error: float) -> str:
    """An error to the litre, or by its power of ten where it is smaller still."""
    if error and abs(error) < 0.005:
        return f"{error:.0e}\u00a0m³".replace("-", "−")
    return f"{number(error + 0.0, 2)}\u00a0m³".replace("-", "−")


def account_words(share: float) -> str:
    """How much of the water is in no account, small shares too."""
    percent = 100.0 * share
    if percent == 0:
        return tr("All of it is accounted for.")
    words = f"{percent:.0e}".replace("-", "−") if percent < 0.001 else number(percent, 3)
    return tr("{share} % of the water is not accounted for.", share=words)
