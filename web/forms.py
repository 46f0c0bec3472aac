"""What every form is made of: Flask-WTF with its token against forgery, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms.fields.choices import SelectChoice
from wtforms.i18n import get_translations
from wtforms.widgets import Select

from campaigns.language import _, language

__all__ = ["Form", "named_apart", "offered"]


class Form(FlaskForm):  # type: ignore[misc]
    """Root of all forms.

    Labels, descriptions and own messages are wrapped in ``campaigns.language.mark``; the macros of ``forms.html`` show
    them in the reader's language. What WTForms itself complains of comes in that language by its own translations.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Whose translations complaints take, and how lists are drawn."""

        def get_translations(self, _form: Any) -> Any:
            """Return WTForms' own translations for the reader's language."""
            return get_translations([language()])

        def render_field(self, field: Any, render_kw: dict[str, Any]) -> Any:
            """Draw a field; a list to choose from in the quick way, for it may have hundreds of entries."""
            if type(field.widget) is Select:
                field.widget = QuickSelect(field.widget.multiple)
            return super().render_field(field, render_kw)


class QuickSelect(Select):  # type: ignore[misc]
    """A list to choose from; its entries have a value and words alone, which takes a tenth of the time."""

    @classmethod
    def render_option(cls, choice: Any, **_attributes: Any) -> Markup:
        """Draw one entry."""
        selected = " selected" if choice.selected else ""
        words = escape(choice.label or choice.value)
        return Markup(f'<option{selected} value="{escape(choice.value)}">{words}</option>')  # noqa: S704 - escaped


def offered(choices: Iterable[tuple[str, str]]) -> Callable[[], list[SelectChoice]]:
    """Give the choices of a field, as (value, words), in the language of whoever opens the form."""
    listed = tuple(choices)
    return lambda: [SelectChoice(value, _(words)) for value, words in listed]


def named_apart(form: Form, name: str) -> None:
    """Give the fields ids of their own, for a page with several forms; what is sent is called as before."""
    for field in form:
        field.id = f"{name}-{field.id}"
