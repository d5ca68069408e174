# Runs a command in a mount namespace whose root is the root of this chroot. In a mere chroot the kernel allows no user
# namespaces, nor changes to how its root's mounts are shared, and tests need both.
use POSIX ();
my ($mount, %flag) = ((POSIX::uname())[4] eq "aarch64" ? 40 : 165, bind => 4096, move => 8192, all => 16384, private => 1 << 18);
sub mount { my ($from, $to, $flags) = @_; syscall($mount, $from, $to, my $none = "none", $flags, 0) == 0 or die "mount $to: $!\n" }
my $here = POSIX::getcwd();
opendir my $root, "/" or die "/: $!\n";
# Whose directory lies above its root climbs to the namespace's.
my $below = "/tmp/root.$$";
mkdir $below, 0700 or die "$below: $!\n";
chdir "/" and chroot $below or die "chroot: $!\n";
chdir ".." for 1 .. 100;
chroot "." and chdir $root or die "the namespace's root: $!\n";
my $path = POSIX::getcwd();
rmdir "$path/tmp/root.$$";
mount("none", "/", $flag{all} | $flag{private});
mount($path, $path, $flag{bind} | $flag{all});
chdir $path or die "$path: $!\n";
mount(".", "/", $flag{move});
chroot "." and chdir $here or die "$here: $!\n";
exec @ARGV;
