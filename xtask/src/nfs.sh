#!/usr/bin/env bash
# Copies to and from NFS with rsync and with ours, in a virtual machine that is server and client at once, since few
# kernels at hand know NFS: nfs.sh PROGRAM. What the machine runs is nfs_guest.sh.
set -euo pipefail
program=$1
. "$(dirname "$0")/guest.sh"

kernel=$(debian_kernels | tail -1)
put_modules "$kernel" virtio_pci virtio_blk
init <<'INIT'
mkdir /new; mount -t ext4 /dev/vda /new && exec switch_root /new /guest
INIT

debian=$work/debian
debootstrap --variant=minbase --include=nfs-kernel-server,kmod,acl,attr,iproute2,e2fsprogs bookworm "$debian" \
    >"$work/log" || { tail -5 "$work/log"; exit 1; }
cp -a "$kernel/lib/modules" "$debian/lib/"
depmod -b "$debian" "$(basename "$kernel"/lib/modules/*)"
root=$debian put "$program" rsync
cp "$(dirname "$0")/nfs_guest.sh" "$debian/guest"
chmod 755 "$debian/guest"
truncate -s 3G "$work/disk"
mkfs.ext4 -q -d "$debian" "$work/disk"

MEMORY_MIB=2048 SECONDS_MAX=3000 boot "$kernel"/boot/vmlinuz-* "$work/disk"
grep -vE '^SAME' "$work/log" | grep -aA12 -E '^(DIFFERS|no )' || true
grep -E '^ALL OVER' "$work/log" || { tail -20 "$work/log"; exit 1; }
! grep -q '^DIFFERS' "$work/log"
