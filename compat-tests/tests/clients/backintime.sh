# Back In Time: reads --version, -VV and itemized lines; snapshots only when something changed; restores and removes.
export HOME=$W/home USER=root
mkdir -p "$HOME/.config/backintime" "$W/kept/backintime/host/root/1"
set_all() { local at; for at in "$@"; do echo "profile1.$at"; done; }
{
    echo config.version=6
    echo profiles.version=1
    set_all schedule.mode=0 snapshots.mode=local "snapshots.path=$W/kept" snapshots.path.host=host snapshots.path.profile=1 \
        snapshots.path.user=root snapshots.include.size=1 snapshots.include.1.type=0 "snapshots.include.1.value=$SRC" \
        snapshots.exclude.size=2 'snapshots.exclude.1.value=*~' "snapshots.exclude.2.value=$SRC/docs/n7" \
        snapshots.preserve_acl=true snapshots.preserve_xattr=true snapshots.no_on_battery=false \
        snapshots.notify.enabled=false
} >"$HOME/.config/backintime/config"
kept=$W/kept/backintime/host/root/1
count() { find "$kept" -mindepth 1 -maxdepth 1 -name '2*' | wc -l; }
bit() { timeout 100 backintime "$@" >>"$W/out" 2>&1; }
holds "its check of the configuration" bit check-config --no-crontab
bit backup
is "a snapshot" "$(count)" 1
sleep 1.1
bit backup
is "no other without a change" "$(count)" 1
sleep 1.1
echo more >>"$SRC/docs/n1"
bit backup
is "another with one" "$(count)" 2
last=$(find "$kept" -mindepth 1 -maxdepth 1 -name '2*' | sort | tail -1)
is "what did not change has two names" "$(names "$last/backup$SRC/docs/n2")" 2
holds "what is excluded is not there" test ! -e "$last/backup$SRC/docs/n7"
rm "$SRC/docs/n7"
facts "$SRC/docs" >"$W/before"
rm -r "$SRC/docs"
bit restore --delete "$SRC/docs" '' 0
facts "$SRC/docs" >"$W/after"
holds "everything restored" diff "$W/before" "$W/after"
bit remove-and-do-not-ask-again 1
is "one removed" "$(count)" 1
holds "capabilities as JSON" sh -c 'timeout 50 backintime --diagnostics | grep -q "\"xattrs\": true"'
