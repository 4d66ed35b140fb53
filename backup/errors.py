"""Why no backup is written or restored. The sentences are for the person at the terminal."""

import sqlite3

from django.db import DatabaseError


class BackupError(Exception):
    """A sentence for the person who started the command."""


class NoFolder(BackupError):
    def __init__(self) -> None:
        super().__init__("There is no folder for backups: set BACKUP_DIR or give --to.")


class NoRecipient(BackupError):
    def __init__(self) -> None:
        super().__init__(
            "Nothing is written unencrypted: set BACKUP_RECIPIENT to a public key (docs/backup.md), or give --plain."
        )


class Busy(BackupError):
    def __init__(self) -> None:
        super().__init__("Another backup is being written into this folder.")


class RestoreRuns(BackupError):
    def __init__(self) -> None:
        super().__init__("Another restore into this database is running: wait until it has ended.")


class NothingToBackUp(BackupError):
    def __init__(self) -> None:
        super().__init__(
            "The database has no migrations: it is empty, or a restore into it has not ended. No backup was written, and none deleted."
        )


class ToolMissing(BackupError):
    def __init__(self, name: str) -> None:
        super().__init__(f"The program {name} is missing: install it, or name its folder in PG_PROGRAMS.")


class ToolTooOld(BackupError):
    def __init__(self, name: str, tool: int, server: int) -> None:
        super().__init__(
            f"{name} is of version {tool}, the server of version {server}: an older one writes no whole backup. "
            f"Install version {server} or newer, or name its folder in PG_PROGRAMS."
        )


class ToolFailed(BackupError):
    def __init__(self, name: str, said: str) -> None:
        lines = [line for line in said.strip().splitlines() if line.strip()]
        super().__init__(f"{name} failed: {' / '.join(lines[-3:]) or 'it said nothing'}")


class WrongKey(BackupError):
    def __init__(self) -> None:
        super().__init__(
            "This backup is encrypted with another key: none of the private keys on this machine opens it."
        )


class Damaged(BackupError):
    def __init__(self, what: str) -> None:
        super().__init__(f"The backup is damaged or cut short: {what}. Take another one.")


class NoMac(BackupError):
    def __init__(self) -> None:
        super().__init__(
            "Nothing proves who wrote this backup: its list has no MAC, as in versions before MACs were written, or it is forged. "
            "Take another one; if you know where it comes from, give --unverified."
        )


class ForeignMac(BackupError):
    def __init__(self) -> None:
        super().__init__(
            "The list of this backup was not written with this AUDIT_KEY: the key is not that of the site, or the backup is forged. "
            "Take the key from where it is kept; if it is lost and you know where the backup comes from, give --unverified."
        )


class OtherName(BackupError):
    def __init__(self, name: str, made: str) -> None:
        super().__init__(
            f"{name} holds the backup that was written as {made}: files were swapped, or an older one passes for a newer. "
            "Take the right one, or give the file its own name again."
        )


class NotEmpty(BackupError):
    def __init__(self, tables: int) -> None:
        super().__init__(
            f"The database has {tables} tables already. A backup is restored into an empty one only: "
            "create a new database and point DATABASE_URL at it, without running migrate. "
            "If they are of a restore that was cut off, drop that database first."
        )


class MayNotCreateDatabase(BackupError):
    def __init__(self) -> None:
        super().__init__(
            "The role of the database may not create another one, which the drill restores into: run it as an owner with CREATEDB "
            "(docs/backup.md)."
        )


class MayNotMakeTables(BackupError):
    def __init__(self) -> None:
        super().__init__(
            "The role of the database may not make tables: restore as their owner, with MIGRATE_DATABASE_URL (docs/backup.md, After a "
            "disaster)."
        )


class OtherDatabase(BackupError):
    def __init__(self, made: str, here: str) -> None:
        super().__init__(f"The backup was made of {made}; the database here is {here}.")


class NewerProduct(BackupError):
    def __init__(self, version: str, own: str) -> None:
        super().__init__(
            f"The backup was made by version {version}, which is newer than this one ({own}): "
            f"install version {version} and restore with it."
        )


# What ends a command with its sentence: a refusal, trouble of the machine such as a full disk, also as SQLite puts it, or a database that is away.
FAILURES = (BackupError, OSError, sqlite3.Error, DatabaseError)
