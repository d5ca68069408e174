# mrb: each snapshot is made beside the one before it, to which --link-dest points, with patterns and --relative.
export HOME=$W/home && mkdir -p "$HOME"
holds "a module" mrb new-all
cat >"$HOME/.mrb/all.mrc" <<END
all_SRC = $SRC/./docs $SRC/./far $SRC/./empty $SRC/./large
all_DEST = $W/kept
all_EXCLUDE = n1?
all_INCLUDE = n12
all_FILTER_FILE = .mrb-filter
all_RSYNC_OPTIONS = --relative --prune-empty-dirs
all_CONFIG = \$(lastword \$(MAKEFILE_LIST))
END
echo '- n3' >"$SRC/docs/.mrb-filter"
holds "a place for it" mrb dest-all
holds "a snapshot" mrb snap-all
first=$(ls -d "$W"/kept/*.mrb)
is "patterns leave out what they should" "$(cd "$first/docs" && echo n1[0-9] n3*)" "n12 n30"
is "an empty directory is left out" "$(cd "$first" && echo *)" "docs far large"
# Snapshots have the minute in their names.
mv "$first" "$W/kept/all-20200101-01.01.mrb"
echo new >"$SRC/docs/n1"
holds "another snapshot" mrb snap-all
second=$(ls -d "$W"/kept/*.mrb | tail -n 1)
is "what did not change has two names" "$(names "$second/large")" 2
is "what changed is there" "$(cat "$second/docs/n1")" new
