"""How what the rooms below know is shown: field by field, under the names it has there."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """A shape whose fields are attributes of what it shows."""

    model_config = ConfigDict(
        from_attributes=True, json_schema_serialization_defaults_required=True
    )

    @classmethod
    def of(cls, shown: object) -> Self:
        """Returns it as it is sent."""
        return cls.model_validate(shown)
