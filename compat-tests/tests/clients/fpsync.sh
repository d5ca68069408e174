# fpsync: several runs at once, each with a list of files or directories; anything on standard error is a failure.
sync() { fpsync -n 2 -T "$W/bin/rsync" -t "$W/work" "$@" >>"$W/out" 2>&1; }
mkdir "$W/work"
chmod 755 "$W/work"
holds "lists of files" sync -f 15 -s 1500000 "$SRC/" "$W/d1/"
facts "$SRC" | grep -v '^far' >"$W/a"
facts "$W/d1" | grep -v '^far' >"$W/b"
holds "every file as it was" diff "$W/a" "$W/b"
is "names are not linked without -H" "$(names "$W/d1/far/one")" 1
is "the top has its time" "$(stat -c %Y "$W/d1")" "$(stat -c %Y "$SRC")"
touch "$W/d1/docs/extra"
holds "lists of directories" sync -E -f 5 "$SRC/" "$W/d1/"
holds "which delete" test ! -e "$W/d1/docs/extra"
holds "with hard links, ACLs and xattrs" sync -E -f 5 -o "-lptgoD -v --numeric-ids -H -A -X -S" "$SRC/" "$W/d2/"
is "ACLs are kept" "$(getfacl -cp "$W/d2/docs/n4")" "$(getfacl -cp "$SRC/docs/n4")"
is "nothing on standard error" "$(find "$W/work/log" -name '*.stderr' -size +0 | wc -l)" 0
