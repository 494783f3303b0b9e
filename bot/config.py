"""config.yaml and the environment, checked whole, as frozen Settings; every fault at once with its line."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from bot.domain.cases import CaseKind
from bot.domain.errors import ConfigFaults
from knowledge.base import Name
from knowledge.faults import Fault
from knowledge.models import Amount, Office
from knowledge.reading import Document, key_in_words, read_yaml

PREFIX = "SAFEHOUSE__"
SECRETS = {
    "telegram_token": "SAFEHOUSE_TELEGRAM_TOKEN",
    "telegram_webhook_secret": "SAFEHOUSE_TELEGRAM_WEBHOOK_SECRET",
    "wechat_token": "SAFEHOUSE_WECHAT_TOKEN",
    "wechat_aes_key": "SAFEHOUSE_WECHAT_AES_KEY",
    "wechat_secret": "SAFEHOUSE_WECHAT_SECRET",
}
_SECRET_KEY = re.compile(r"(^|_)(token|secret|password|aes_key|api_key)$")
_BOT_TOKEN = re.compile(r"\d{6,}:[A-Za-z0-9_-]{30,}")

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$")]
UrlPath = Annotated[str, StringConstraints(pattern=r"^/[\w/-]+$")]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrganisationSettings(_Block):
    name: str = Field(default="银川市总工会", min_length=1, max_length=40)
    bot_name: str = Field(default="安全屋", min_length=1, max_length=20)
    region: str = Field(default="ningxia/yinchuan", pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    hotline: str = Field(default="12351", pattern=r"^[0-9-]{3,20}$")


class WebSettings(_Block):
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: HttpUrl = "http://127.0.0.1:8080"


class StorageSettings(_Block):
    url: str = Field(default="sqlite:///var/safehouse.db", pattern=r"^sqlite:///.+")
    key_file: Path = Field(default=Path("~/.config/safehouse/master.key"), validate_default=True)

    @field_validator("key_file", mode="after")
    @classmethod
    def _at_home(cls, path: Path) -> Path:
        return path.expanduser()


class WebchatSettings(_Block):
    enabled: bool = True


class TelegramSettings(_Block):
    enabled: bool = False
    base_url: HttpUrl = "https://api.telegram.org/bot"
    base_file_url: HttpUrl = "https://api.telegram.org/file/bot"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_path: UrlPath = "/telegram/webhook"
    staff_group: int | None = None
    forward_case_text: bool = False


class WechatSettings(_Block):
    # There is no such channel yet: turning it on must be refused, not ignored.
    enabled: Literal[False] = False
    app_id: str = ""
    message_mode: Literal["plain", "compatible", "safe"] = "safe"
    callback_path: UrlPath = "/wechat/callback"
    api_base_url: HttpUrl = "https://api.weixin.qq.com"
    authorize_base_url: HttpUrl = "https://open.weixin.qq.com"


class ChannelSettings(_Block):
    webchat: WebchatSettings = WebchatSettings()
    telegram: TelegramSettings = TelegramSettings()
    wechat: WechatSettings = WechatSettings()


class PromiseSettings(_Block):
    urgent_minutes: int = Field(default=30, ge=1, le=24 * 60)
    first_answer_hours: dict[Literal["default"] | CaseKind, Annotated[float, Field(gt=0, le=200)]] = Field(
        default={"default": 8.0, CaseKind.HARASSMENT: 4.0}
    )
    next_step_hours: dict[Literal["default", "urgent"] | CaseKind, Annotated[float, Field(gt=0, le=400)]] = (
        Field(default={"default": 40.0, "urgent": 24.0})
    )
    closing_days: dict[Literal["default", "urgent"] | CaseKind, Annotated[int, Field(ge=1, le=730)]] = Field(
        default={"default": 60, "urgent": 30}
    )

    @field_validator("first_answer_hours", mode="after")
    @classmethod
    def _has_default(cls, hours: dict[str, float]) -> dict[str, float]:
        if "default" not in hours:
            raise ValueError("缺少 default")
        return hours

    @field_validator("next_step_hours", "closing_days", mode="after")
    @classmethod
    def _has_both(cls, lengths: dict[str, float]) -> dict[str, float]:
        if missing := [key for key in ("default", "urgent") if key not in lengths]:
            raise ValueError(f"缺少 {'、'.join(missing)}")
        return lengths


_SPAN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


class CalendarSettings(_Block):
    hours: tuple[str, ...] = Field(default=("09:00-12:00", "14:00-17:30"), min_length=1)
    extra_days_off: tuple[date, ...] = ()
    extra_workdays: tuple[date, ...] = ()

    @field_validator("hours", mode="after")
    @classmethod
    def _in_order(cls, spans: tuple[str, ...]) -> tuple[str, ...]:
        end = time(0)
        for span in spans:
            if not _SPAN.match(span):
                raise ValueError(f"“{span}” 要写成 09:00-12:00")
            start, stop = (time.fromisoformat(part) for part in span.split("-"))
            if start < end or stop <= start:
                raise ValueError(f"“{span}” 的先后不对")
            end = stop
        return spans

    def spans(self) -> tuple[tuple[time, time], ...]:
        """Working hours of a day as pairs of civil times (Asia/Shanghai)."""
        pairs = (span.split("-") for span in self.hours)
        return tuple((time.fromisoformat(start), time.fromisoformat(stop)) for start, stop in pairs)


class RetentionSettings(_Block):
    unfinished_draft_days: int = Field(default=7, ge=1, le=365)
    talk_days: int = Field(default=30, ge=1, le=3650)
    closed_case_days: int = Field(default=180, ge=1, le=3650)


class LimitSettings(_Block):
    messages_per_minute: int = Field(default=40, ge=5, le=1000)
    file_mb: int = Field(default=20, ge=1, le=20)
    files_per_day: int = Field(default=10, ge=1, le=100)


class _File(_Block):
    organisation: OrganisationSettings = OrganisationSettings()
    web: WebSettings = WebSettings()
    storage: StorageSettings = StorageSettings()
    channels: ChannelSettings = ChannelSettings()
    promises: PromiseSettings = PromiseSettings()
    calendar: CalendarSettings = CalendarSettings()
    retention: RetentionSettings = RetentionSettings()
    limits: LimitSettings = LimitSettings()
    amounts: dict[Name, Amount] = {}
    agencies: tuple[Office, ...] = ()
    districts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Tokens from the environment; never printed."""

    telegram_token: str | None = None
    telegram_webhook_secret: str | None = None
    wechat_token: str | None = None
    wechat_aes_key: str | None = None
    wechat_secret: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; one block of config.yaml each."""

    organisation: OrganisationSettings
    web: WebSettings
    storage: StorageSettings
    channels: ChannelSettings
    promises: PromiseSettings
    calendar: CalendarSettings
    retention: RetentionSettings
    limits: LimitSettings
    amounts: Mapping[str, Amount]
    agencies: tuple[Office, ...]
    districts: tuple[str, ...]
    secrets: Secrets

    def telegram_on(self) -> bool:
        """Telegram starts when it is enabled and a token is there."""
        return self.channels.telegram.enabled and bool(self.secrets.telegram_token)


def load_settings(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check `path` and the environment; ConfigFaults carries one line a fault."""
    environ = os.environ if environ is None else environ
    faults: list[Fault] = []
    document = read_yaml(path, path.name, faults)
    if document is None or faults:
        raise ConfigFaults([str(fault) for fault in sorted(faults)])
    data = document.data
    if not isinstance(data, dict):
        raise ConfigFaults([str(document.fault((), "不是“键: 值”的形式", "按仓库里的 config.yaml 写"))])
    faults += _secrets_in(data, document, ())
    overridden = _override(data, environ, faults)
    _follow_port(data, overridden)
    secrets = _read_secrets(environ, faults)
    try:
        checked = _File.model_validate(data)
    except ValidationError as error:
        faults += [_fault_of(problem, document, overridden) for problem in error.errors()]
        raise ConfigFaults([str(fault) for fault in sorted(set(faults))]) from None
    faults += _contradictions(checked, secrets, document)
    if faults:
        raise ConfigFaults([str(fault) for fault in sorted(set(faults))])
    return Settings(**{name: getattr(checked, name) for name in _File.model_fields}, secrets=secrets)


def _secrets_in(data: Any, document: Document, path: tuple[str | int, ...]) -> list[Fault]:
    """A secret written into config.yaml ends up in backups and repositories: refuse it by its line."""
    found: list[Fault] = []
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        here = (*path, key)
        named = isinstance(key, str) and _SECRET_KEY.search(key) is not None
        if (named and value) or (isinstance(value, str) and _BOT_TOKEN.search(value)):
            found.append(
                document.fault(here, "密钥不能写在配置文件里", "删掉它，改放环境变量 SAFEHOUSE_… 或 …_FILE")
            )
        else:
            found += _secrets_in(value, document, here)
    return found


def _override(data: dict[str, Any], environ: Mapping[str, str], faults: list[Fault]) -> set[tuple[str, ...]]:
    """Put SAFEHOUSE__A__B=… over the file's values; returns the paths that came from the environment."""
    import yaml

    paths: set[tuple[str, ...]] = set()
    for name, raw in sorted(environ.items()):
        if not name.startswith(PREFIX):
            continue
        path = tuple(part.lower() for part in name[len(PREFIX) :].split("__"))
        try:
            value = yaml.safe_load(raw) if raw.strip() else ""
        except yaml.YAMLError:
            faults.append(Fault("环境变量", 0, name, "读不懂", "写成一个值，例如 true、8080 或一段文字"))
            continue
        target: Any = data
        for part in path[:-1]:
            target = target.setdefault(part, {}) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            faults.append(Fault("环境变量", 0, name, "没有这一级", "对照 config.yaml 的层级"))
            continue
        # A value that must be text stays text: hotline 12351 and dates are not numbers there.
        target[path[-1]] = raw if isinstance(target.get(path[-1]), str) else value
        paths.add(path)
    return paths


def _follow_port(data: dict[str, Any], overridden: set[tuple[str, ...]]) -> None:
    """Another port from the environment moves a public_url on this very machine along with it."""
    web = data.get("web")
    if ("web", "port") not in overridden or ("web", "public_url") in overridden or not isinstance(web, dict):
        return
    url = urlsplit(str(web.get("public_url", "http://127.0.0.1:8080")))
    if url.hostname in ("127.0.0.1", "localhost"):
        web["public_url"] = f"{url.scheme}://{url.hostname}:{web['port']}"


def _read_secrets(environ: Mapping[str, str], faults: list[Fault]) -> Secrets:
    values: dict[str, str] = {}
    for field, name in SECRETS.items():
        if value := environ.get(name, "").strip():
            values[field] = value
        elif file := environ.get(f"{name}_FILE", "").strip():
            try:
                values[field] = Path(file).expanduser().read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                faults.append(Fault("环境变量", 0, f"{name}_FILE", "指向的文件读不到", "检查路径和权限"))
    return Secrets(**values)


def _fault_of(problem: Any, document: Document, overridden: set[tuple[str, ...]]) -> Fault:
    path = tuple(part for part in problem["loc"] if part != "[key]")
    wrong, write = _in_words(problem)
    if tuple(str(part) for part in path) in overridden:
        name = PREFIX + "__".join(str(part).upper() for part in path)
        return Fault("环境变量", 0, name, wrong, write)
    return (
        document.fault(path, wrong, write)
        if path
        else Fault(document.file, 1, key_in_words(path), wrong, write)
    )


def _in_words(problem: Any) -> tuple[str, str]:
    context = problem.get("ctx", {})
    match problem["type"]:
        case "missing":
            return "没有写", "按仓库里的 config.yaml 补上这一项"
        case "extra_forbidden":
            return "没有这个设置", "删掉，或检查拼写"
        case "bool_parsing" | "bool_type":
            return "不是是或否", "写 true 或 false"
        case "int_parsing" | "int_type" | "float_parsing" | "float_type" | "int_from_float":
            return "不是数字", "写一个数字"
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            bound = next(iter(context.values()), "")
            return "数字超出范围", f"与界限 {bound} 比较后改正"
        case "literal_error" | "enum":
            return "不在可选的值里", f"可选：{context.get('expected', '')}"
        case "string_pattern_mismatch":
            return "写法不对", f"应符合 {context.get('pattern', '')}"
        case "value_error":
            return str(context.get("error", "不对")), "按注释里的样子写"
        case "string_type":
            return "不是文字", "加上引号"
        case "date_from_datetime_parsing" | "date_parsing" | "date_type":
            return "不是日期", "写成 2026-09-25"
        case _:
            return "写法不对", "按仓库里的 config.yaml 写"


def _contradictions(checked: _File, secrets: Secrets, document: Document) -> list[Fault]:
    faults: list[Fault] = []
    data_folder = Path(checked.storage.url.removeprefix("sqlite:///")).resolve().parent
    if checked.storage.key_file.resolve().is_relative_to(data_folder):
        faults.append(
            document.fault(("storage", "key_file"), "密钥和数据放在同一个文件夹", "换到数据文件夹之外的地方")
        )
    telegram = checked.channels.telegram
    if telegram.enabled and telegram.mode == "webhook":
        secret = secrets.telegram_webhook_secret or ""
        if not re.fullmatch(r"[A-Za-z0-9_-]{32,256}", secret):
            faults.append(
                document.fault(
                    ("channels", "telegram", "mode"),
                    "webhook 方式需要密文",
                    "设置环境变量 SAFEHOUSE_TELEGRAM_WEBHOOK_SECRET，32 到 256 个字母、数字、_ 或 -",
                )
            )
    if telegram.staff_group is not None and telegram.staff_group >= 0:
        faults.append(
            document.fault(
                ("channels", "telegram", "staff_group"), "不是群编号", "群编号是负数，形如 -1001234567890"
            )
        )
    return faults
