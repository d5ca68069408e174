#!/usr/bin/env bash
# Boots Debian's kernels under qemu and copies trees on each of them: kernels.sh PROGRAM [KERNEL…].
# A kernel is a file to boot, or a directory that its package was unpacked in, with its modules. Without any it takes
# those that apt offers. Every fallback of uring-ext is met in earnest by some of them.
set -euo pipefail
program=$1
shift
. "$(dirname "$0")/guest.sh"

[ $# -gt 0 ] || set -- $(debian_kernels)
put "$program" mkfs.ext4 setquota setpriv

script=$(cat <<'GUEST'
cd /tmp && mkdir -p s/a/b s/c d
for n in $(seq 1 300); do head -c $((n * 137)) /dev/urandom > s/a/f$n; done
head -c 9000000 /dev/urandom > s/large; truncate -s 5000000 s/hole; echo x >> s/hole
ln s/a/f7 s/c/hard; ln -s f1 s/a/b/link; mkfifo s/c/fifo; mknod s/c/null c 1 3
chown 7:8 s/a/f9; chmod 4751 s/a/f9; touch -d @77 s/a/f8 s/a/b
list() { (cd $1 && find . | sort | xargs stat -c '%n %F %a %u %g %h %Y %t:%T'; find . -type f | sort | xargs md5sum); }
bad=0
try() { # what, options…
    what=$1; shift
    if "$@" >/tmp/out 2>&1 && list s >/tmp/1 2>&1 && list d >/tmp/2 2>&1 && cmp /tmp/1 /tmp/2; then :; else
        bad=1; echo "DIFFERS: $what: $*"; head -5 /tmp/out; diff /tmp/1 /tmp/2 | head -5
    fi
}
for io in ring syscalls auto; do
    rm -rf d; try "fresh $io" io-uring-sync -aH --io=$io s/ d/
    echo changed > s/a/f1; rm s/a/f2; rm -rf d/c; chmod 600 d/a/f3; echo extra > d/extra
    try "update $io" io-uring-sync -aH --delete --io=$io s/ d/
    try "nothing $io" io-uring-sync -aHSX --delete --io=$io s/ d/
    rm -rf d; try "-S $io" io-uring-sync -aHS --io=$io s/ d/
    echo changed again > s/a/f1; try "inplace $io" io-uring-sync -aH --inplace --io=$io s/ d/
done
io-uring-sync --doctor s d 2>&1 | grep -iE 'kernel|io_uring|ring' | head -8
# An ordinary user whose blocks are limited: told, nothing by halves, exit 11.
quota() {
    truncate -s 64M /tmp/disk; losetup /dev/loop0 /tmp/disk; mkfs.ext4 -q -O quota /dev/loop0
    mkdir -p /etc /q from; ln -s /proc/mounts /etc/mtab
    for n in $(seq 1 60); do head -c 90000 /dev/urandom >from/f$n; done
    mount -t ext4 -o usrquota /dev/loop0 /q && setquota -u 1000 0 2000 0 0 /q || return 1
    mkdir /q/u; chown 1000 /q/u
    for io in ring syscalls; do
        rm -rf /q/u/*
        /bin/setpriv --reuid=1000 --regid=1000 --clear-groups io-uring-sync -rt --io=$io from/ /q/u/ >/tmp/out 2>&1
        code=$?
        grep 'Disk quota exceeded' /tmp/out || return 1
        [ $code = 11 ] && [ -z "$(find /q/u -name '.*.??????')" ] || return 1
        for name in /q/u/*; do cmp "$name" "from/${name##*/}" || return 1; done
    done
}
if [ ! -s /modules/order ]; then echo "no modules given: quotas were not tried"
elif quota; then echo "QUOTA-TOLD"
else bad=1; echo "DIFFERS: quota: exit $code"; head -5 /tmp/out; fi
[ $bad = 0 ] && echo "COPIES-AGREE on $(uname -r)"
GUEST
)

failed=0
for kernel; do
    rm -rf "${root:?}/modules"; mkdir "$root/modules"
    image=$kernel
    if [ -d "$kernel" ]; then
        image=$(echo "$kernel"/boot/vmlinuz-*)
        put_modules "$kernel" loop quota_v2
    fi
    init <<<"$script"
    boot "$image"
    grep -E 'COPIES-AGREE|QUOTA|quotas|DIFFERS|ring|kernel' "$work/log" || true
    grep -q COPIES-AGREE "$work/log" || { failed=1; echo "FAILED on $(basename "$kernel")"; tail -20 "$work/log"; }
done
exit $failed
