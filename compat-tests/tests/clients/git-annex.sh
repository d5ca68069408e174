# git-annex: contents go to another place through rsync, whose progress it reads, and come back.
export HOME=$W/home GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
mkdir -p "$HOME" "$W/there" "$W/annex" && cd "$W/annex" || exit 1
git init -q . && git annex init -q here >"$W/log" 2>&1
cp "$SRC/large" "$SRC/docs/n1" "$SRC/docs/n2" . && git annex add -q . >>"$W/log" 2>&1 && git commit -qm first
holds "a place is set up" git annex initremote away type=rsync rsyncurl="$W/there" encryption=none
holds "contents go there" git annex copy -q --to away
is "three arrived" "$(find "$W/there" -type f | wc -l)" 3
holds "they are whole" git annex fsck -q --from away
holds "one is dropped here" git annex drop -q large
git annex get --json --json-progress large >"$W/out" 2>>"$W/log"
is "it comes back" "$(md5sum <large)" "$(md5sum <"$SRC/large")"
holds "and was seen to come" grep -q '"byte-progress":2500000' "$W/out"
holds "one is dropped there" git annex drop -q --force --from away n1
is "two are left" "$(find "$W/there" -type f | wc -l)" 2
