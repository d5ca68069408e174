# rsnapshot: rotated snapshots, first with --link-dest, then with its own copy of hard links.
line() { local IFS=$'\t'; echo "$*"; }
{
    line config_version 1.2
    line snapshot_root "$W/root/"
    line cmd_cp /bin/cp
    line cmd_rm /bin/rm
    line cmd_rsync "$W/bin/rsync"
    line retain hourly 3
    line verbose 4
    line loglevel 5
    line logfile "$W/log"
    line lockfile "$W/pid"
    line link_dest 1
    line one_fs 1
    line exclude n7
    line rsync_long_args "--delete --numeric-ids --relative --delete-excluded --stats"
    line backup "$SRC/" here/
} >"$W/conf"
mkdir "$W/root"
last=$W/root/hourly.0/here$SRC
holds "the first snapshot" rsnapshot -c "$W/conf" hourly
holds "it has the tree" cmp "$SRC/large" "$last/large"
echo more >>"$SRC/docs/n1"
rm "$SRC/docs/n9"
holds "the second snapshot" rsnapshot -c "$W/conf" hourly
is "what did not change has two names" "$(names "$last/docs/n2")" 2
is "what changed has one" "$(names "$last/docs/n1")" 1
is "what went and what is excluded is not there" "$(ls "$last/docs" | grep -cxe n7 -e n9)" 0
is "the log says so" "$(grep -c 'rsync succeeded' "$W/log")" 2
sed -i $'s/^link_dest\t.*/link_dest\t0/; /^cmd_cp/d' "$W/conf"
before=$(md5sum <"$last/docs/n1")
echo again >>"$SRC/docs/n1"
holds "a snapshot made of hard links" rsnapshot -c "$W/conf" hourly
is "the older one is as it was" "$(md5sum <"$W/root/hourly.1/here$SRC/docs/n1")" "$before"
holds "the newer one is new" cmp "$SRC/docs/n1" "$last/docs/n1"
