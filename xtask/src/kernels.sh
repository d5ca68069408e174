#!/usr/bin/env bash
# Boots Debian's kernels under qemu and copies trees on each of them: kernels.sh PROGRAM [VMLINUZ…].
# Without a kernel it takes those that apt offers. Every fallback of uring-ext is met in earnest by some of them.
set -euo pipefail
program=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -eq 0 ]; then
    packages=$(apt-cache search --names-only '^linux-image-[0-9.]+-[0-9]+(\.[a-z0-9.]+)?-(cloud-)?amd64$' | cut -d' ' -f1)
    [ -n "$packages" ] || { echo "apt offers no kernel: run apt-get update first" >&2; exit 1; }
    # One of each series is enough: the smaller one that clouds use where there is one, the newest.
    for series in $(sed 's/linux-image-\([0-9]*\.[0-9]*\).*/\1/' <<<"$packages" | sort -u); do
        of_series=$(grep "linux-image-$series[.]" <<<"$packages" | sort -V)
        package=$(grep cloud <<<"$of_series" | tail -1 || true)
        package=${package:-$(tail -1 <<<"$of_series")}
        (cd "$work" && apt-get download -q "$package" >/dev/null)
        dpkg-deb -x "$work/$package"_*.deb "$work/$package"
        set -- "$@" "$work/$package"/boot/vmlinuz-*
    done
fi

root=$work/root
mkdir -p "$root"/{bin,proc,sys,dev,tmp}
cp /bin/busybox "$root/bin/busybox"
cp "$program" "$root/bin/io-uring-sync"
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
cat >"$root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs -o mode=755 tmp /tmp
export IO_URING_SYNC_DELEGATE=never
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
[ $bad = 0 ] && echo "COPIES-AGREE on $(uname -r)"
poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"

failed=0
for kernel in "$@"; do
    # ACCEL=kvm is faster where it works; some machines have a /dev/kvm that boots nothing.
    timeout 900 qemu-system-x86_64 -accel "${ACCEL:-tcg}" -cpu max -m 1024 -smp 2 -nographic -no-reboot -net none \
        -kernel "$kernel" -initrd "$work/initrd" -append 'console=ttyS0 quiet panic=-1' </dev/null >"$work/log" 2>&1 || true
    tr -d '\r' <"$work/log" | grep -E 'COPIES-AGREE|DIFFERS|ring|kernel' || true
    grep -q COPIES-AGREE "$work/log" || { failed=1; echo "FAILED on $(basename "$kernel")"; tail -20 "$work/log"; }
done
exit $failed
