# rsbackup: dated backups on a store, each linked to the one before, with a database of how they ended.
mkdir -m 755 "$W/store"
echo disk >"$W/store/device-id"
cat >"$W/conf" <<CONF
database $W/db
lock $W/lock
logs $W/logs
public true
device disk
store --no-mounted $W/store
prune-policy never
backup-policy always
rsync-command $W/bin/rsync
host here
  hostname localhost
  volume tree $SRC
    exclude /docs/n7
CONF
backup() { rsbackup --config "$W/conf" --backup --verbose >"$W/out" 2>&1; }
rest() { facts "$1" | grep -v docs/n7; }
holds "the first backup" backup
kept=$(ls -d "$W"/store/here/tree/2*)
is "it has the tree" "$(rest "$kept")" "$(rest "$SRC")"
echo more >>"$SRC/docs/n1"
rm "$SRC/docs/n9"
sleep 1
holds "the second backup" backup
kept=$(ls -d "$W"/store/here/tree/2* | tail -n 1)
is "what did not change has two names" "$(names "$kept/docs/n2")" 2
is "what changed has one" "$(names "$kept/docs/n1")" 1
is "what went and what is excluded is not there" "$(ls "$kept/docs" | grep -cxe n7 -e n9)" 0
is "the report has both" "$(rsbackup --config "$W/conf" --text - | grep -c '^| here | tree .*| 2 ')" 1
