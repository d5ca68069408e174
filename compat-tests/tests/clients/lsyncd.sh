# lsyncd: a copy at the start, then what inotify tells, as lists of names on standard input.
cat >"$W/conf" <<CONF
settings { nodaemon = true, statusFile = "$W/status", statusInterval = 1 }
sync {
    default.rsync, source = "$SRC", target = "$W/copy/", delay = 1, exclude = { "n7" },
    rsync = { binary = "$W/bin/rsync", archive = true, acls = true, xattrs = true, hard_links = true }
}
CONF
mkdir "$W/copy"
rest() { facts "$1" | grep -v '/n7\b'; }
same() { # waits up to 20 seconds
    for _ in $(seq 200); do
        [ "$(rest "$SRC")" = "$(rest "$W/copy")" ] && return
        sleep 0.1
    done
    return 1
}
lsyncd "$W/conf" >"$W/log" 2>&1 &
pid=$!
holds "a copy at the start" same
echo more >>"$SRC/docs/n1"
mkdir -p "$SRC/new/deep"
echo new >"$SRC/new/deep/$(printf 'a\nb')"
mv "$SRC/docs/n5" "$SRC/new/moved"
rm -r "$SRC/docs/n9" "$SRC/with blank"
holds "what was changed, made, moved and removed follows" same
chmod 600 "$SRC/docs/n2"
holds "a mode follows" same
is "what is excluded is not there" "$(ls "$W/copy/docs" | grep -cx n7)" 0
kill "$pid"
wait "$pid" 2>/dev/null
is "nothing went wrong" "$(grep -ciE 'error|fail' "$W/log")" 0
