#!/bin/sh
# Dumps the database again and again; each dump is read once before it gets its name, and old ones are removed.
#
#   backup.sh        every BACKUP_EVERY seconds, until it is stopped
#   backup.sh once   now
#   backup.sh check  does the newest dump have an age that it may have?
#
# PGHOST, PGUSER, PGDATABASE and PGPASSWORD say of what, BACKUP_DIR where to, BACKUP_DAYS how long dumps are kept. The
# newest ones stay, however old: a database that cannot be dumped any more does not lose its last backup to the calendar.
set -eu
umask 077

: "${BACKUP_DIR:?}" "${BACKUP_EVERY:=86400}" "${BACKUP_DAYS:=30}"
KEPT=3 # dumps, whatever their age

dumps() { # the newest first: their names are moments
    find "$BACKUP_DIR" -maxdepth 1 -name 'tokenportal-*.dump' | sort -r
}

dump() {
    mkdir -p "$BACKUP_DIR"
    rm -f "$BACKUP_DIR"/.unfinished-*
    name="tokenportal-$(date -u +%Y%m%dT%H%M%SZ).dump"
    pg_dump --format=custom --file="$BACKUP_DIR/.unfinished-$name"
    pg_restore --file=/dev/null "$BACKUP_DIR/.unfinished-$name"
    sync "$BACKUP_DIR/.unfinished-$name"
    mv "$BACKUP_DIR/.unfinished-$name" "$BACKUP_DIR/$name"
    echo "dumped $name, $(wc -c <"$BACKUP_DIR/$name") bytes"
}

forget() {
    dumps | tail -n +"$((KEPT + 1))" | while read -r old; do
        if [ -n "$(find "$old" -mtime +"$((BACKUP_DAYS - 1))")" ]; then
            rm "$old"
            echo "removed ${old##*/}"
        fi
    done
}

check() {
    newest="$(dumps | head -n 1)"
    minutes="$((BACKUP_EVERY / 60 + 120))" # two hours of grace for the dump itself
    [ -n "$newest" ] && [ -n "$(find "$newest" -mmin -"$minutes")" ]
}

case "${1:-}" in
once)
    dump
    forget
    ;;
check)
    check
    ;;
"")
    trap 'exit 0' TERM INT
    while :; do
        # A process of its own: within `if`, a command that fails would not end the steps after it.
        if sh "$0" once; then wait_for="$BACKUP_EVERY"; else wait_for=600; fi
        sleep "$wait_for" &
        wait $!
    done
    ;;
*)
    echo "usage: backup.sh [once|check]" >&2
    exit 2
    ;;
esac
