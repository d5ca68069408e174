# clsync: lists of what is to be sent, as rules for rsync, of which the last one hides everything else.
mkdir "$W/copy"
rest() { facts "$1" | grep -v '|d|'; } # times of directories that change within a second stay
send() {
    timeout 60 clsync -M rsyncdirect -S "$(command -v rsync)" -W "$SRC" -D "$W/copy" -t 1 -w 1 --exit-on-no-events
}
holds "a tree is sent" send
is "it arrived" "$(facts "$W/copy")" "$(facts "$SRC")"
echo more >>"$SRC/docs/n1" && mkdir -p "$SRC/new/deep" && echo new >"$SRC/new/deep/file" && rm "$SRC/docs/n9"
holds "it is sent again" send
is "with what changed" "$(rest "$W/copy")" "$(rest "$SRC")"
