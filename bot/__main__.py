"""The one command line: `python -m bot <command>`; every command is a module of bot.commands."""

import argparse
import importlib
import os
import sys

COMMANDS = {
    "serve": "启动：网页、Telegram、工作台和后台任务都在一个进程里",
    "check": "检查设置、内容、密钥和数据库，逐条说明错误",
    "ask": "在终端里问一句",
    "evaluate": "用标注好的问题衡量回答得准不准",
    "staff": "工作人员账号：add、list、disable、reset",
    "backup": "备份到一个文件夹",
    "restore": "从备份恢复",
    "verify": "核对数据库、审计链和密文",
    "rotate-keys": "更换主密钥",
    "erase": "按编号清除一个案件或一个人的数据",
    "selfcheck": "走一遍提问、竞答和登记，看是否都通",
    "campaign": "竞答活动",
    "report": "月报、季报、年报：打印，或写成 Word 文件",
    "demo": "把一座编出来的演示城市写进空的数据库，供试用",
    "bench": "性能对比",
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code. Only the module of that command is imported."""
    arguments = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="python -m bot", description="安全屋")
    choices = parser.add_subparsers(dest="command", metavar="命令", required=True)
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    for name, help_text in COMMANDS.items():
        sub = choices.add_parser(name, help=help_text, description=help_text)
        if name == wanted:
            module = importlib.import_module(f"bot.commands.{name.replace('-', '_')}")
            module.add_arguments(sub)
    parsed = parser.parse_args(arguments)
    module = importlib.import_module(f"bot.commands.{parsed.command.replace('-', '_')}")
    try:
        return int(module.run(parsed))
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the interpreter's last flush
        return 0


if __name__ == "__main__":
    sys.exit(main())
