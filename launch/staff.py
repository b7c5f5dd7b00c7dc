"""`python -m launch staff list | add | role | display | reset | remove` changes who of staff may sign in."""

import argparse

import uvloop

from gateway.staff.members import Account, Members
from gateway.staff.roles import ROLES, Member
from shared.errors import SettingsError
from shared.ports import AuditLog, Deed
from shared.settings import Settings, read_settings
from shared.wiring import open_services


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Change who of staff may sign in. A new password is generated and shown once. Whoever gets another "
        "role or password, or is removed, is signed out everywhere. Exit code 0: done; 2: a wrong name or "
        "setting, or the store cannot be reached."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="everybody with their role and id")
    add = commands.add_parser("add", help="a new account with a password")
    role = commands.add_parser("role", help="another role for an account")
    display = commands.add_parser("display", help="what customers call somebody")
    reset = commands.add_parser("reset", help="a new password for an account")
    remove = commands.add_parser("remove", help="take an account away")
    for command in (add, role, display, reset, remove):
        command.add_argument("name", metavar="NAME")
    for command in (add, role):
        command.add_argument("--role", dest="as_role", required=True, choices=ROLES)
    for command, needed in ((add, False), (display, True)):
        command.add_argument(
            "--display",
            required=needed,
            default="",
            metavar="NAME",
            help="what customers read; empty: our team",
        )


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    return uvloop.run(_run(read_settings(), options))


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    async with open_services(settings, actor="command:staff") as services:
        members = Members(await services.staff())
        if options.command == "list":
            for member, local in await members.listed():
                where = "" if local else "   (identity provider)"
                print(f"{member.name:<32} {member.role:<9} {member.id}  {member.display or '-'}{where}")
            return 0
        if settings.oidc_issuer and options.command in {"add", "reset"}:
            raise SettingsError(
                f"OIDC_ISSUER={settings.oidc_issuer!r}: staff sign in there, passwords are not looked at; "
                "give them a role there, or unset it"
            )
        await services.vault()  # whose key the audit's is made of
        await _write_down(await services.audit(), members, options)
        done = await _change(members, options)
    if isinstance(done, Account):
        print(f"staff: {done.member.name} ({done.member.role}), password {done.password}")
        print("  It is shown this once.")
    else:
        now = {"remove": "is removed", "display": f"is {done.display or 'our team'} for customers now"}
        print(f"staff: {done.name} {now.get(options.command, f'is {done.role} now')}")
    return 0


async def _change(members: Members, options: argparse.Namespace) -> Account | Member:
    if options.command == "add":
        return await members.add(options.name, options.as_role, options.display)
    if options.command == "display":
        return await members.introduce(options.name, options.display)
    if options.command == "reset":
        return await members.reset(options.name)
    if options.command == "role":
        return await members.assign(options.name, options.as_role)
    return await members.remove(options.name)


async def _write_down(audit: AuditLog, members: Members, options: argparse.Namespace) -> None:
    """Before it is done, as everything in that log; a new account has no id yet."""
    who = "somebody" if options.command == "add" else (await members.find(options.name)).id
    role = f" as {options.as_role}" if "as_role" in options else ""
    await audit.write(Deed(action="staff_changed", purpose=f"{options.command} {who}{role}"))
