# yarsync: commits of a directory are trees of hard links, which are pushed to another repository with -H.
content() { facts "$1" | grep -v '\.ys'; }
cd "$SRC" || exit 1
holds "a repository" yarsync init here
holds "a commit" yarsync commit -m first
holds "a clone" yarsync clone -n there "$SRC" "$W/there"
is "it has the tree" "$(content "$W/there")" "$(content "$SRC")"
holds "it is known here" yarsync remote add there "$W/there"
echo new >docs/new && mv docs/new docs/n1
rm docs/n9
is "what is new shows" "$(yarsync status | grep docs/n)" $'*deleting   docs/n9\n>f.st...... docs/n1'
sleep 1
holds "a second commit" yarsync commit -m second
is "what did not change has three names" "$(names docs/n2)" 3
holds "it is pushed" yarsync push there
last=.ys/commits/$(ls .ys/commits | tail -n 1)
is "it arrived" "$(facts "$W/there/$last")" "$(facts "$last")"
holds "there is nothing to pull" bash -c "cd '$W/there' && yarsync pull -n origin"
