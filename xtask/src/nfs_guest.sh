#!/bin/bash
# Within the virtual machine of nfs.sh: serves a directory over NFS to itself, and compares rsync with ours there.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin IO_URING_SYNC_DELEGATE=never
trap 'sync; echo o >/proc/sysrq-trigger; sleep 10' EXIT
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp; mount -t tmpfs run /run; mkdir -p /dev/shm; mount -t tmpfs shm /dev/shm
mount -o remount,rw /; ip link set lo up
modprobe loop; modprobe nfsd; modprobe nfs

serve() { # options of the export
    mkdir -p /srv /mnt/nfs /run/rpc_pipefs /var/lib/nfs/nfsdcld
    mount -t nfsd nfsd /proc/fs/nfsd; mount -t rpc_pipefs rpc /run/rpc_pipefs
    truncate -s 600M /dev/shm/disk; mkfs.ext4 -q /dev/shm/disk; mount -o loop /dev/shm/disk /srv
    mkdir -m 1777 /srv/place
    echo '/srv *(rw,no_root_squash,fsid=0,no_subtree_check,insecure)' >/etc/exports
    exportfs -ra; rpc.mountd -N 2 -N 3 & rpc.nfsd -N 3 4; sleep 2
    mount -t nfs4 -o vers=4.2 127.0.0.1:/ /mnt/nfs
}

tree() { # directory
    mkdir -p "$1"/a/b "$1"/c/deep/er
    for n in 1 2 3 4 5 6 7 8 9; do head -c $((n * 3777)) /dev/urandom >"$1/a/f$n"; echo $n >"$1/a/b/g$n"; done
    head -c 2000000 /dev/urandom >"$1/large"; truncate -s 200000 "$1/hole"; echo x >>"$1/hole"
    ln -s a/f1 "$1/link"; ln -s nowhere "$1/lost"; ln "$1/a/f2" "$1/c/hard"; mkfifo "$1/fifo"; mknod "$1/null" c 1 3
    chown 7:8 "$1/a/f3"; chmod 4755 "$1/a/f3"; chmod 0 "$1/a/f4"; chmod 700 "$1/c/deep"
    setfattr -n user.name -v value "$1/a/f5"
    find "$1" -exec touch -h -d '2020-03-04 05:06:07.123456789' {} +
}

list() { # directory
    find "$1" -printf '%P %y %m %U %G %s %n %T@ %l\n' | sort
    (cd "$1" && find . -type f -exec md5sum {} + | sort; getfattr -R -h -d . 2>/dev/null)
}

count=0
try() { # where it is copied to, what is there before, the source, options
    local into=$1 before=$2 source=$3 program
    shift 3
    for program in rsync io-uring-sync; do
        rm -rf "$into/copy"
        if [ -n "$before" ]; then cp -a "$before" "$into/copy"; else mkdir "$into/copy"; fi
        chown "$user" "$into/copy"
        # shellcheck disable=SC2086
        (cd "$into" && timeout 200 $through $program "$@" "$source/" copy/) >/tmp/out 2>/tmp/err
        echo "exit $?" >>/tmp/out
        sort /tmp/out >"/tmp/out.$program"
        sed 's/ (code.*//; s/\.[^.]*\.[A-Za-z0-9]\{6\}"/HIDDEN"/' /tmp/err | sort >"/tmp/err.$program"
        list "$into/copy" >"/tmp/tree.$program"
        rm -rf "$into/copy"
    done
    count=$((count + 1))
    for what in tree out err; do
        cmp -s "/tmp/$what.rsync" "/tmp/$what.io-uring-sync" && continue
        echo "DIFFERS as $user: $* $source/ $into/copy/ (before: $before), $what"
        diff "/tmp/$what.rsync" "/tmp/$what.io-uring-sync" | head -10
        return
    done
    echo "SAME as $user: $*"
}

serve || { echo "no NFS server"; exit 1; }
near=/dev/shm/near far=/mnt/nfs/place
mkdir -m 1777 $near; tree $near/source; tree $near/other; cp -a $near/source $far/source
rm $near/other/a/f1 $near/other/a/b/g*; echo new >$near/other/a/b/new
for user in 0 1000; do
    through=''
    [ $user = 0 ] || through="setpriv --reuid=$user --regid=$user --clear-groups"
    for options in -ai -aiHX -aiS '-ai --inplace' -aiA '-rti --delay-updates' '-ai --fsync' '-ai --no-whole-file'; do
        # shellcheck disable=SC2086
        try $far '' $near/source $options
        # shellcheck disable=SC2086
        try $far $near/other $near/source $options --delete
    done
    try $near '' $far/source -aiHX
    try $far '' $far/source -aiH
    try $far $near/other $far/source -aic --delete-after
    try $far $near/other $near/source -aib --backup-dir=../backup
    try $far $near/other $near/source -ai --append
    try $far $far/source $near/source -aiiH
    try $far $near/other $near/source -ai -y --partial-dir=.partial
    # As an ordinary user rsync loses the time of a directory beside alternate ones here, and what it says of
    # --fake-super for files of others depends on the file system.
    [ $user = 0 ] || continue
    try $far '' $near/source -ai --link-dest=$far/source
    try $far '' $near/source -ai --copy-dest=$far/source
    try $far $near/other $near/source -ai -M--fake-super
done
echo "ALL OVER: $count commands, Linux $(uname -r), $(grep -o 'vers=[0-9.]*' /proc/mounts)"
