"""The text field of every form: what is typed is tidied before any check, so that an invisible text counts as an empty one."""

from typing import Any

from django import forms

from kit.texts import refuse_controls, tidy, tidy_line


class TextField(forms.CharField):
    """A text as it is stored (`kit.texts.tidy`): several lines under a text area, one line otherwise.

    Characters that cannot be stored are refused with a sentence; those that nobody can see are dropped.
    """

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not isinstance(text, str):
            return text
        refuse_controls(text)
        kept = tidy(text) if isinstance(self.widget, forms.Textarea) else tidy_line(text)
        return kept or self.empty_value
