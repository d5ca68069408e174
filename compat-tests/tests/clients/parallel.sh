# GNU parallel: many runs at the same time, one for each directory, then one for what is left.
# Two runs that make the destination at once get in each other's way, rsync's too.
mkdir "$W/copy"
each() { (cd "$SRC" && find . -mindepth 1 -type d -print0 | parallel -0 -j4 rsync -aXAR --no-recursive --dirs '{}/' "$W/copy/"); }
holds "a run for each directory" each
holds "and one for the rest" rsync -aHAX --delete "$SRC/" "$W/copy/"
is "it is the tree" "$(facts "$W/copy")" "$(facts "$SRC")"
is "nothing is left to do" "$(rsync -aHAXni --delete "$SRC/" "$W/copy/")" ""
