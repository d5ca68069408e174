# What installers and backup programs that need a screen or a cluster read from the output, with their own patterns.
rsync() { "$W/bin/rsync" "$@"; }
rsync --stats -X -A --numeric-ids -aH --whole-file --sparse --one-file-system --bwlimit=0 "$SRC/" "$W/ct" >"$W/o"
is "pve-container: status" $? 0
is "pve-container: size" "$(grep -cE '^Total transferred file size: [0-9,]+ bytes$' "$W/o")" 1
facts "$SRC" >"$W/a"
facts "$W/ct" >"$W/b"
holds "pve-container: a faithful copy" diff "$W/a" "$W/b"
holds "pve-container: holes" test "$(stat -c %b "$W/ct/holes")" -lt 800
rsync --stats -h -X -A --numeric-ids -aH --delete --no-whole-file --sparse --one-file-system --relative \
    --bwlimit=200000 --exclude=/docs/n7 "$SRC/./" "$W/ct2" >"$W/o"
is "pve-container, human-readable: status" $? 0
is "pve-container, human-readable: size" "$(grep -cE '^Total transferred file size: [0-9.]+[KMGT]? bytes$' "$W/o")" 1
mkdir "$W/mp" && cp -a "$SRC/docs" "$W/mp/mp1" && echo t >"$W/mp/top"
rsync -aH --delete --relative "$W/mp/./" "$W/mp/./mp1" "$W/ct3"
is "pve-container: mount points side by side" "$(cd "$W/ct3" && find . -type f | wc -l)" 31
rsync -aHAXSr '--filter=-x trusted.overlay.*' --exclude /docs/n7 --progress "$SRC/" "$W/cal" >"$W/o"
is "calamares: status" $? 0
holds "calamares: progress" grep -qE 'xfr#[0-9]+, (ir|to)-chk=[0-9]+/[0-9]+' <(tr '\r' '\n' <"$W/o")
timeout 3 "$W/bin/rsync" -a --progress --bwlimit=1500 "$SRC/" "$W/live" 2>/dev/null | cat >"$W/o"
holds "calamares: progress comes while it runs" grep -qE 'xfr#[0-9]+, ' <(tr '\r' '\n' <"$W/o")
rsync -a "$SRC/" "$W/pi/" && touch "$W/pi/far"
changed=$(rsync -aDH --dry-run --itemize-changes --partial --numeric-ids --delete --force "$SRC/" "$W/pi/" |
    sed -n 's|^\.d\.\.t\.\.\.\.\.\.\s\+\(.*$\)|/\1|p')
is "image-backup: directories by their letters" "$changed" /far/
holds "the version's first line" grep -qE '^rsync  version [0-9]+\.[0-9]+\.[0-9]+  protocol version [0-9]+$' <(rsync --version | head -1)
rsync -aii --recursive --verbose --force --stats --sparse --delete --dry-run "$SRC/" "$W/none/" >"$W/o"
holds "timeshift: bytes" grep -qE 'sent ([0-9,]+)[ 	]+bytes[ 	]+received' "$W/o"
rsync -aii --recursive --verbose --delete --stats "$SRC/" "$W/pi/" >"$W/o"
holds "timeshift: unchanged files" grep -qE '^\.f {9} docs/n1$' "$W/o"
rsync -rtpl -h --progress --stats -D -C -H --super --numeric-ids --update --delete-after --delete-excluded \
    '--exclude=**/*tmp*/' --prune-empty-dirs --protect-args --modify-window=1 "$SRC" "$W/lucky" >"$W/o"
is "luckyBackup: status" $? 0
holds "luckyBackup: its copy" test -p "$W/lucky/tree/pipe"
rsync -a "$SRC/nothing" "$W/none/" 2>"$W/e"
is "a missing source: status" $? 23
holds "a missing source: last line" grep -q '^rsync error: .*(code 23)' "$W/e"
