"""Names of closed sets (states, kinds, outcomes, roles …) as people read them."""

from pydantic import BaseModel, ConfigDict


class Labels(BaseModel):
    """Each maps the value of an enumeration in `bot.domain` to its Chinese name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: dict[str, str]
    kind: dict[str, str]
    outcome: dict[str, str]
    level: dict[str, str]
    role: dict[str, str]
    channel: dict[str, str]
    pause: dict[str, str]
    recovered: dict[str, str]
    evidence: dict[str, str]
    confirmed: dict[str, str]
