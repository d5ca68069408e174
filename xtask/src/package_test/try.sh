# Runs in a chroot with nothing but a minimal Debian and /tmp/package.deb.
set -eu
say() { echo "  $*"; }
mount -t proc proc /proc
trap 'umount /proc' EXIT

find / -xdev -not -path '/proc*' -not -path '/tmp*' -not -path '/var/lib/dpkg*' -not -path '/var/log*' | sort > /tmp/before

dpkg --install /tmp/package.deb
say "installed"
test "$(command -v io-uring-sync)" = /usr/bin/io-uring-sync
io-uring-sync --version | head -n 1

# Man page, completions and documents are where Debian's programs look for them. Minimal systems leave documents out.
dpkg --listfiles io-uring-sync > /tmp/files
for file in /usr/share/man/man1/io-uring-sync.1.gz /usr/share/bash-completion/completions/io-uring-sync \
    /usr/share/zsh/vendor-completions/_io-uring-sync /usr/share/fish/vendor_completions.d/io-uring-sync.fish \
    /usr/share/doc/io-uring-sync/copyright /usr/share/doc/io-uring-sync/docs/guide.md \
    /usr/lib/io-uring-sync/bin/rsync; do
    grep -qx "$file" /tmp/files || { echo "$file is not in the package"; exit 1; }
done
gzip -dc /usr/share/man/man1/io-uring-sync.1.gz | head -n 1 | grep -q IO-URING-SYNC
say "files are where they belong"

# A real tree, twice; the second run finds nothing to do.
io-uring-sync -aHAXS --delete /usr/share/ /tmp/copy/
test -z "$(io-uring-sync -aHAXSni --delete /usr/share/ /tmp/copy/)"
diff -r --no-dereference /usr/share /tmp/copy
say "a tree was copied"

# In rsync's place. There is no rsync here, so another machine is a clear error.
PATH=/usr/lib/io-uring-sync/bin:$PATH
rsync --version | head -n 1 | grep -qx 'rsync  version 3.5.0  protocol version 32'
rsync -a --link-dest=/tmp/copy /usr/share/ /tmp/snapshot/
test "$(find /tmp/snapshot -type f -links 1 | wc -l)" = 0
code=0; rsync -a host:/etc /tmp/x 2> /tmp/said || code=$?
test "$code" = 4 && grep -q 'none is on PATH' /tmp/said
io-uring-sync --doctor /usr /tmp
say "rsync's place was taken"

dpkg --purge io-uring-sync
find / -xdev -not -path '/proc*' -not -path '/tmp*' -not -path '/var/lib/dpkg*' -not -path '/var/log*' | sort > /tmp/after
diff /tmp/before /tmp/after
say "nothing is left"
