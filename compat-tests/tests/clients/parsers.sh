# jc and ruby-rsync: what programs make of the output that have rsync parsed for them.
told() { # told CODE: what Python says of jc's JSON
    python3 -c "import json, sys; told = json.load(sys.stdin); $1"
}
listed='print(*sorted(file["filename"] for run in told for file in run["files"]), sep="\n")'
there() { (cd "$1" && find . -mindepth 1 \( -type d -printf '%P/\n' -o -printf '%P\n' \)); }
rm "$SRC"/two*lines "$SRC"/lost "$SRC"/far/way
rsync -ai "$SRC/" "$W/d/" | jc --rsync | told "$listed" | grep -vx -e ./ -e '.*=>.*' | LC_ALL=C sort >"$W/a"
there "$SRC" | grep -vx far/down/two | LC_ALL=C sort >"$W/b"
is "jc: what was copied" "$(grep -vx far/down/two "$W/a")" "$(cat "$W/b")"
echo more >>"$SRC/docs/n1" && chmod 600 "$SRC/docs/n2" && rm "$SRC/docs/n9"
touch -d '2020-04-04 04:04:04' "$SRC/docs/n1" "$SRC/docs"
rsync -aiv --delete --log-file="$W/l" "$SRC/" "$W/d/" >"$W/o"
# What was deleted it leaves out, whoever says so.
is "jc: each kind of change" "$(jc --rsync <"$W/o" | told '
for file in told[0]["files"]: print(file["filename"], file["update_type"], file["size_different"], file["permissions_different"])')" \
    'docs/ not updated False False
docs/n1 file received True False
docs/n2 not updated False True'
is "jc: the numbers at the end" "$(jc --rsync <"$W/o" | told 'print(told[0]["summary"]["total_size"])')" \
    "$(find "$SRC" ! -type d ! -type p -printf '%s\n' | awk '{sum += $1} END {print sum}')"
is "jc: the log" "$(jc --rsync <"$W/l" | told "$listed")" 'docs/
docs/n1
docs/n2'
echo again >>"$SRC/docs/n1" && touch -d '2020-05-05 05:05:05' "$SRC/docs/n1" "$SRC/bin/tool"
is "ruby-rsync: changes" "$(ruby -rrsync -e 'Rsync.run(ARGV[0], ARGV[1], ["-a"]) { |run|
    puts run.success?
    run.changes.each { |one| puts [one.filename, one.file_type, one.update_type, one.size, one.timestamp].join(" ") } }' \
    "$SRC/" "$W/d/")" 'true
bin/tool file recv no_change changed
docs/n1 file recv changed changed'
is "ruby-rsync: an error" "$(ruby -rrsync -e 'Rsync.run(ARGV[0], ARGV[1], ["-a"]) { |run|
    puts run.success?, run.exitcode, run.error }' "$SRC/none" "$W/d/")" 'false
23
Partial transfer due to error'
