# Virtual machines with Debian's kernels, for the scripts beside this one, which source it. What they make lies in
# $work, which goes away in the end; $root becomes the machine's file system.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,proc,sys,dev,tmp,modules}

# The newest kernel of each series that apt offers, the smaller one that clouds use where there is one: unpacks them and
# prints their directories.
debian_kernels() {
    local packages series of_series package
    packages=$(apt-cache search --names-only '^linux-image-[0-9.]+-[0-9]+(\.[a-z0-9.]+)?-(cloud-)?amd64$' | cut -d' ' -f1)
    [ -n "$packages" ] || { echo "apt offers no kernel: run apt-get update first" >&2; exit 1; }
    for series in $(sed 's/linux-image-\([0-9]*\.[0-9]*\).*/\1/' <<<"$packages" | sort -u); do
        of_series=$(grep "linux-image-$series[.]" <<<"$packages" | sort -V)
        package=$(grep cloud <<<"$of_series" | tail -1 || true)
        package=${package:-$(tail -1 <<<"$of_series")}
        (cd "$work" && apt-get -o APT::Sandbox::User=root download -q "$package" >/dev/null)
        dpkg-deb -x "$work/$package"_*.deb "$work/$package"
        echo "$work/$package"
    done
}

# Puts programs into the machine, by name or path, with the libraries that they need.
put() {
    local program library
    for program; do
        program=$(command -v "$program")
        cp -L "$program" "$root/bin/"
        { ldd "$program" || true; } | grep -o '/[^ ]*' | while read -r library; do
            mkdir -p "$root$(dirname "$library")"
            [ -e "$root$library" ] || cp -L "$library" "$root$library"
        done
    done
}

# Puts modules of a kernel (its directory, then their names) into the machine, in the order in which it loads them.
put_modules() {
    local kernel=$1 version module path
    version=$(basename "$kernel"/lib/modules/*)
    shift
    depmod -b "$kernel" "$version"
    for module; do
        modprobe -d "$kernel" -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
    done | awk '!seen[$0]++' | while read -r path; do
        cp "$path" "$root/modules/"
        basename "$path" >>"$root/modules/order"
    done
}

# Makes /init of standard input, which begins with what every machine needs.
init() {
    cp /bin/busybox "$root/bin/busybox"
    touch "$root/modules/order"
    {
        cat <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir /sbin && /bin/busybox --install -s /sbin; export PATH=/bin:/sbin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs -o mode=755 tmp /tmp
while read -r module; do insmod "/modules/$module"; done </modules/order
export IO_URING_SYNC_DELEGATE=never
INIT
        cat
        echo 'poweroff -f'
    } >"$root/init"
    chmod +x "$root/init"
    (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"
}

# Starts a kernel (its file, then images of disks) and waits for its end; what it said is in $work/log.
boot() {
    local kernel=$1 disk disks=()
    shift
    for disk; do disks+=(-drive "file=$disk,if=virtio,format=raw,cache=unsafe"); done
    # ACCEL=kvm is faster where it works; some machines have a /dev/kvm that boots nothing.
    timeout "${SECONDS_MAX:-900}" qemu-system-x86_64 -accel "${ACCEL:-tcg}" -cpu max -m "${MEMORY_MIB:-1024}" -smp 2 -nographic -no-reboot \
        -net none -kernel "$kernel" -initrd "$work/initrd" "${disks[@]}" -append 'console=ttyS0 quiet panic=-1' \
        </dev/null 2>&1 | tr -d '\r' >"$work/log" || true
}
