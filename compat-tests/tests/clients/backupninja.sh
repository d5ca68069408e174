# backupninja: it rotates by copying hard links, and brings the newest copy up to date.
mkdir -m 700 "$W/conf.d"
mkdir "$W/keep"
sed "s#^configdirectory.*#configdirectory = $W/conf.d#; s#^logfile.*#logfile = $W/log#; s#^reportemail.*#reportemail =#" \
    /etc/backupninja.conf >"$W/ninja.conf"
cat >"$W/conf.d/10-tree.rsync" <<CONF
[general]
log = $W/out
mountpoint = $W
backupdir = keep
format = short
days = 3
[source]
from = local
include = $SRC
exclude = n7
rsync = $W/bin/rsync
numericids = 1
[dest]
dest = local
CONF
chmod 600 "$W/conf.d/10-tree.rsync" "$W/ninja.conf"
round() { backupninja --now -f "$W/ninja.conf" && ! grep -qE 'Warning|Fatal|Failed' "$W/log"; }
rest() { facts "$1" | grep -v docs/n7; }
holds "the first round" round
kept=$W/keep$SRC/tree
is "it has the tree" "$(rest "$kept.0")" "$(rest "$SRC")"
echo more >>"$SRC/docs/n1"
rm "$SRC/docs/n9"
holds "the second round" round
is "what did not change has two names" "$(names "$kept.0/docs/n2")" 2
is "what changed has one" "$(names "$kept.0/docs/n1")" 1
is "what went is only in the older one" "$(ls "$kept.0/docs" "$kept.1/docs" | grep -cx n9)" 1
is "the log names what was sent" "$(sed '1,/^Finished/d' "$W/out" | grep -x 'docs/n.*')" docs/n1
