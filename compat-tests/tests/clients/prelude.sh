# What every recipe begins with: the tree to keep, and a count of what holds. $SRC is the tree, $W an empty directory.
set -u
holds() { # holds WHAT COMMAND...: one PASS or FAIL line
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then echo "PASS $what"; else echo "FAIL $what: $*"; fi
}
is() { # is WHAT GOT WANTED
    if [ "$2" = "$3" ]; then echo "PASS $1"; else echo "FAIL $1: [$2] instead of [$3]"; fi
}
names() { stat -c %h "$1"; } # how many names a file has
facts() { # one line for each name below a directory
    (cd "$1" && find . -mindepth 1 -printf '%P|%y|%m|%U|%G|%s|%T@|%l\n' | sed 's/|d|\([^|]*|[^|]*|[^|]*\)|[0-9]*|/|d|\1||/' | LC_ALL=C sort)
    (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum)
}
SRC=$W/tree
mkdir -p "$SRC"/{docs,bin,far/down/here,empty,'with blank'}
for n in $(seq 1 30); do head -c $((n * 211)) /dev/urandom >"$SRC/docs/n$n"; done
head -c 2500000 /dev/urandom >"$SRC/large"
truncate -s 12M "$SRC/holes" && printf end | dd of="$SRC/holes" bs=1 seek=7000000 conv=notrunc status=none
printf '#!/bin/sh\n' >"$SRC/bin/tool" && chmod 4711 "$SRC/bin/tool"
echo twice >"$SRC/far/one" && ln "$SRC/far/one" "$SRC/far/down/two"
ln -s ../docs/n1 "$SRC/far/way" && ln -s /nowhere "$SRC/lost" && mkfifo "$SRC/pipe"
echo b >"$SRC/with blank/a name" && echo l >"$SRC/$(printf 'two\nlines')" && echo q >"$SRC/it's [x]?*"
setfattr -n user.note -v kept "$SRC/docs/n3" && setfacl -m u:1234:rw "$SRC/docs/n4" && chown 1234:2345 "$SRC/docs/n2"
find "$SRC" -depth -exec touch -hd '2019-04-04 04:04:04.444' {} +
