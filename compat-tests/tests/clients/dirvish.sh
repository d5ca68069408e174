# dirvish: images of a vault, each linked to the one before. It looks for its configuration in one place only, which is
# another one in the copy that runs here.
vault=$W/bank/v
mkdir -p "$vault/dirvish" "$W/etc"
printf '%s\n' 'bank:' "	$W/bank" 'image-default: %Y%m%d' 'index: gzip' >"$W/etc/master.conf"
printf '%s\n' "client: $(hostname)" "tree: $SRC" 'xdev: 1' 'numeric-ids: 1' 'log: text' 'image-perm: 755' \
    'exclude:' '	/docs/n7' >"$vault/dirvish/default.conf"
sed "s#/etc/dirvish#$W/etc#" "$(command -v dirvish)" >"$W/bin/dirvish"
chmod +x "$W/bin/dirvish"
image() { # image NAME OPTIONS...
    local name=$1
    shift
    "$W/bin/dirvish" --vault v --image "$name" "$@"
    grep -qx 'Status: success' "$vault/$name/summary"
}
rest() { facts "$1" | grep -v docs/n7; }
holds "the first image" image one --init
is "it has the tree" "$(rest "$vault/one/tree")" "$(rest "$SRC")"
echo more >>"$SRC/docs/n1"
rm "$SRC/docs/n9"
holds "the second image" image two
is "what did not change has two names" "$(names "$vault/two/tree/docs/n2")" 2
is "what changed has one" "$(names "$vault/two/tree/docs/n1")" 1
is "what went and what is excluded is not there" "$(ls "$vault/two/tree/docs" | grep -cxe n7 -e n9)" 0
is "the log names what was sent" "$(grep '^docs/n' "$vault/two/log")" docs/n1
