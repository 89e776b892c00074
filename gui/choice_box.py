"""A box of choices whose words may be longer than it is wide: they end in dots, and the list and a tooltip say all."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QToolTip

LEAST = 12  # letters that a form leaves it room for; with more the form would be wider than its panel
SHORT = 17  # letters that fit beside a label in a panel as narrow as it gets


class ChoiceBox(QComboBox):
    """A combo box for a narrow panel."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(LEAST)

    @property
    def long(self) -> bool:
        """Whether any of its choices needs a line of its own."""
        return any(len(self.itemText(k)) > SHORT for k in range(self.count()))

    def shown_words(self) -> str:
        """The choice as far as there is room for it."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        edit = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, edit, self).width() - 4
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown_words()  # type: ignore[attr-defined]
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def showPopup(self) -> None:
        """The list is as wide as its longest choice."""
        view = self.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + view.verticalScrollBar().sizeHint().width() + 8)
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        """The whole choice before what the box is for, where it is cut."""
        if isinstance(event, QHelpEvent) and self.shown_words() != self.currentText():
            parts = (self.currentText(), self.toolTip())
            QToolTip.showText(event.globalPos(), "\n".join(one for one in parts if one), self)
            return True
        return super().event(event)
