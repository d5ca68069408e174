#!/usr/bin/env bash
# Writes to ext4, xfs and btrfs over dm-log-writes, which notes what reached the disk between which flushes, in a
# virtual machine, since few kernels have it: power_loss.sh PROGRAM DIRECTORY. The directory gets the logs, and the two
# trees that were copied one after the other: `campaign power-loss` replays the logs and looks at what would be there.
set -euo pipefail
program=$1 into=$2
. "$(dirname "$0")/guest.sh"
kinds=(ext4 xfs btrfs)

rm -rf "$into"
mkdir -p "$into"/{old,new}/{a/b,c}
for version in old new; do
    for n in $(seq 1 120); do
        for dir in a a/b c; do
            yes "$version $dir/f$n" | head -c $((n * n * 5 % 60000 + n % 3 * 4096)) >"$into/$version/$dir/f$n" || true
        done
    done
    yes "$version large" | head -c 3000000 >"$into/$version/large" || true
done
rm "$into"/new/a/b/f9*
find "$into/old" -exec touch -h -d @1100000000 {} +
find "$into/new" -exec touch -h -d @1200000000 {} +

kernel=$(debian_kernels | tail -1)
put "$program" dmsetup mkfs.ext4 mkfs.xfs mkfs.btrfs
put_modules "$kernel" virtio_pci virtio_blk loop dm-log-writes xfs btrfs
cp -a "$into/old" "$into/new" "$root/"
init <<'INIT'
export DM_DISABLE_UDEV=1
mkdir /dev/shm; mount -t tmpfs shm /dev/shm
mark() { dmsetup message logged 0 mark "$1"; }
run() { # name of what is copied to, options…
    name=$1; shift
    mark "$name-old"; io-uring-sync -a --delete "$@" /old/ "/mnt/$name/"; mark "$name-old-done"; sleep "$pause"
    mark "$name-new"; io-uring-sync -a --delete "$@" /new/ "/mnt/$name/"; mark "$name-new-done"; sleep "$pause"
}
log() { # kind of file system, disk for the log
    truncate -s 330M /dev/shm/data
    losetup /dev/loop0 /dev/shm/data
    dmsetup create logged --table "0 675840 log-writes /dev/loop0 $2"; dmsetup mknodes
    "mkfs.$1" -q /dev/mapper/logged; mkdir -p /mnt; mount -t "$1" /dev/mapper/logged /mnt
    pause=0; run fsync --fsync; run syncfs --syncfs
    # Long enough for the kernel to write some of it by itself.
    pause=6; run plain
    umount /mnt; dmsetup remove logged; losetup -d /dev/loop0; rm /dev/shm/data
    echo "LOGGED $1"
}
log ext4 /dev/vda; log xfs /dev/vdb; log btrfs /dev/vdc
INIT

disks=()
for kind in "${kinds[@]}"; do
    disks+=("$into/$kind.log")
    truncate -s 700M "$into/$kind.log"
done
MEMORY_MIB=2048 boot "$kernel"/boot/vmlinuz-* "${disks[@]}"
[ "$(grep -c 'LOGGED ' "$work/log")" = ${#kinds[@]} ] || { tail -30 "$work/log"; exit 1; }
