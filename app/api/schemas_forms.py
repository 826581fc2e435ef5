"""The shapes of company forms."""

from typing import Literal

from pydantic import BaseModel, Field

from app.tasking.forms import Form


class FormFieldView(BaseModel):
    """A field and what is asked for it; without a question it is yours to fill."""

    name: str
    label: str
    question: str
    type: Literal["text", "date", "number", "amount"]
    example: str


class FormView(BaseModel):
    """A form that a draft can be made in."""

    id: str
    title: str
    language: Literal["ja", "en"]
    description: str
    fields: list[FormFieldView]
    word: bool = Field(description="Whether it is a Word document, which a draft can be had in.")

    @classmethod
    def of(cls, form: Form) -> "FormView":
        """Returns the form as it is sent."""
        return cls(
            id=form.id,
            title=form.title,
            language=form.language,
            description=form.description,
            fields=[FormFieldView(**each.model_dump()) for each in form.fields],
            word=form.word is not None,
        )


class FormList(BaseModel):
    """All forms, and for admins what is wrong with those that cannot be used."""

    forms: list[FormView]
    wrong: list[str] = Field(description="Messages on files that cannot be used; admins only.")
