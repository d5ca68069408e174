complete -c io-uring-sync -s f -l filter -d 'add a filter rule' -r -f
complete -c io-uring-sync -l exclude -d 'leave out what matches PATTERN' -r -f
complete -c io-uring-sync -l exclude-from -d 'read exclude patterns from FILE' -r -F
complete -c io-uring-sync -l include -d 'do not leave out what matches PATTERN' -r -f
complete -c io-uring-sync -l include-from -d 'read include patterns from FILE' -r -F
complete -c io-uring-sync -l files-from -d 'copy the names listed in FILE' -r -F
complete -c io-uring-sync -l max-size -d 'skip files larger than SIZE' -r -f
complete -c io-uring-sync -l min-size -d 'skip files smaller than SIZE' -r -f
complete -c io-uring-sync -s @ -l modify-window -d 'times that differ by up to NUM seconds are equal' -r -f
complete -c io-uring-sync -s B -l block-size -d 'block size of the delta algorithm' -r -f
complete -c io-uring-sync -l checksum-choice -l cc -d 'checksum algorithm (also --cc)' -r -f -a "auto\t''
xxh128\t''
xxh3\t''
xxh64\t''
md5\t''
md4\t''
sha1\t''
none\t''"
complete -c io-uring-sync -l checksum-seed -d 'seed of the checksums' -r -f
complete -c io-uring-sync -l compress-choice -l zc -d 'compression algorithm (also --zc)' -r -f -a "auto\t''
zstd\t''
lz4\t''
zlibx\t''
zlib\t''
none\t''"
complete -c io-uring-sync -l compress-level -l zl -d 'compression level (also --zl)' -r -f
complete -c io-uring-sync -l compress-threads -l zt -d 'compression threads (also --zt)' -r -f
complete -c io-uring-sync -l skip-compress -d 'do not compress names that end in LIST' -r -f
complete -c io-uring-sync -l partial-dir -d 'keep such parts in DIR' -r -f -a "(__fish_complete_directories)"
complete -c io-uring-sync -s T -l temp-dir -d 'write new files in DIR first' -r -f -a "(__fish_complete_directories)"
complete -c io-uring-sync -s S -l sparse -d 'make holes where there are only zeros' -r -f -a "always\t''
auto\t''
never\t''"
complete -c io-uring-sync -l bwlimit -d 'write no more than RATE a second' -r -f
complete -c io-uring-sync -l stop-after -l time-limit -d 'stop after MINS minutes' -r -f
complete -c io-uring-sync -l stop-at -d 'stop at this time' -r -f
complete -c io-uring-sync -l timeout -d 'give up when nothing moves for so long' -r -f
complete -c io-uring-sync -l max-alloc -d 'limit of one memory allocation' -r -f
complete -c io-uring-sync -l chmod -d 'change permissions on the way' -r -f
complete -c io-uring-sync -l usermap -d 'give files to other users' -r -f
complete -c io-uring-sync -l groupmap -d 'give files to other groups' -r -f
complete -c io-uring-sync -l chown -d 'give all files to one user and group' -r -f
complete -c io-uring-sync -l copy-as -d 'copy as another user (root only)' -r -f
complete -c io-uring-sync -l confine-root -d 'refuse option paths that lead out of DIR' -r -f -a "(__fish_complete_directories)"
complete -c io-uring-sync -l max-delete -d 'delete no more than NUM entries' -r -f
complete -c io-uring-sync -l backup-dir -d 'keep it below DIR (implies --backup)' -r -f -a "(__fish_complete_directories)"
complete -c io-uring-sync -l suffix -d 'suffix of backups (default ~, none with --backup-dir)' -r -f
complete -c io-uring-sync -l compare-dest -d 'leave out what DIR has unchanged' -r -f -a "(__fish_complete_directories)"
complete -c io-uring-sync -l copy-dest -d 'copy what DIR has unchanged from there' -r -f -a "(__fish_complete_directories)"
complete -c io-uring-sync -l link-dest -d 'hard-link what DIR has unchanged' -r -f -a "(__fish_complete_directories)"
complete -c io-uring-sync -l info -d 'say more or less about this or that' -r -f -a "backup\t''
copy\t''
del\t''
flist\t''
misc\t''
mount\t''
name\t''
nonreg\t''
progress\t''
remove\t''
skip\t''
stats\t''
symsafe\t''
all\t''
none\t''
help\t''"
complete -c io-uring-sync -l debug -d 'say more about what goes on inside' -r -f -a "acl\t''
backup\t''
bind\t''
chdir\t''
connect\t''
cmd\t''
del\t''
deltasum\t''
dup\t''
exit\t''
filter\t''
flist\t''
fuzzy\t''
genr\t''
hash\t''
hlink\t''
iconv\t''
io\t''
nstr\t''
own\t''
proto\t''
recv\t''
send\t''
time\t''
all\t''
none\t''
help\t''"
complete -c io-uring-sync -l stderr -d 'what goes to standard error: errors or all' -r -f -a "errors\t''
all\t''
client\t''"
complete -c io-uring-sync -l out-format -l log-format -d 'the line for each change' -r -f
complete -c io-uring-sync -l log-file -d 'write a log to FILE' -r -F
complete -c io-uring-sync -l log-file-format -d 'the log\'s line for each change' -r -f
complete -c io-uring-sync -l outbuf -d 'buffer output not at all, by line or by block' -r -f -a "none\t''
line\t''
block\t''"
complete -c io-uring-sync -s e -l rsh -d 'the remote shell' -r -f
complete -c io-uring-sync -l rsync-path -d 'the rsync on the other machine' -r -f
complete -c io-uring-sync -s M -l remote-option -d 'an option for the other side only' -r -f
complete -c io-uring-sync -l address -d 'local address of the connection' -r -f
complete -c io-uring-sync -l port -d 'port of the daemon' -r -f
complete -c io-uring-sync -l sockopts -d 'options of the socket' -r -f
complete -c io-uring-sync -l contimeout -d 'how long to wait for a daemon' -r -f
complete -c io-uring-sync -l password-file -d 'read the daemon\'s password from FILE' -r -F
complete -c io-uring-sync -l early-input -d 'send FILE to the daemon before anything else' -r -F
complete -c io-uring-sync -l protocol -d 'speak an older protocol' -r -f
complete -c io-uring-sync -l iconv -d 'convert the characters of file names' -r -f
complete -c io-uring-sync -l write-batch -d 'record the run in FILE' -r -F
complete -c io-uring-sync -l only-write-batch -d 'record the run without doing it' -r -F
complete -c io-uring-sync -l read-batch -d 'repeat the run recorded in FILE' -r -F
complete -c io-uring-sync -l workers -d 'how many threads work (default: one for each CPU)' -r -f
complete -c io-uring-sync -l pin -d 'keep each thread on its CPU (default: on)' -r -f -a "on\t''
off\t''"
complete -c io-uring-sync -l io -d 'io_uring or plain system calls: auto, ring, syscalls' -r -f -a "auto\t''
ring\t''
syscalls\t''"
complete -c io-uring-sync -l reflink -d 'share data with the source: always, auto (default), never' -r -f -a "always\t''
auto\t''
never\t''"
complete -c io-uring-sync -l copy-method -d 'auto, reflink, copy_file_range, read_write, direct' -r -f -a "auto\t''
reflink\t''
copy_file_range\t''
read_write\t''
direct\t''"
complete -c io-uring-sync -s a -l archive -d 'keep nearly everything: -rlptgoD (not -A -X -U -N -H)'
complete -c io-uring-sync -s r -l recursive -d 'copy directories with everything in them'
complete -c io-uring-sync -l no-recursive -d 'turn off --recursive'
complete -c io-uring-sync -l inc-recursive -l i-r -d 'announce the scan as incremental (the default)'
complete -c io-uring-sync -l no-inc-recursive -d 'turn off --inc-recursive'
complete -c io-uring-sync -s R -l relative -d 'keep the path of each operand, not just its last part'
complete -c io-uring-sync -l no-relative -d 'turn off --relative'
complete -c io-uring-sync -l implied-dirs -l i-d -d 'with -R, leave the directories above an operand alone'
complete -c io-uring-sync -l no-implied-dirs -d 'turn off --implied-dirs'
complete -c io-uring-sync -s d -l dirs -d 'copy directories without entering them'
complete -c io-uring-sync -l no-dirs -d 'turn off --dirs'
complete -c io-uring-sync -l old-dirs -l old-d -d 'copy operands and what is right in them'
complete -c io-uring-sync -s x -l one-file-system -d 'stay on the file system of each operand'
complete -c io-uring-sync -l no-one-file-system -d 'turn off --one-file-system'
complete -c io-uring-sync -s C -l cvs-exclude -d 'leave out what CVS leaves out'
complete -c io-uring-sync -s F -d 'read .rsync-filter in every directory'
complete -c io-uring-sync -s 0 -l from0 -d 'names and patterns in files end in NUL, not newline'
complete -c io-uring-sync -l no-from0 -d 'turn off --from0'
complete -c io-uring-sync -s m -l prune-empty-dirs -d 'leave out directories with nothing to copy in them'
complete -c io-uring-sync -l no-prune-empty-dirs -d 'turn off --prune-empty-dirs'
complete -c io-uring-sync -l ignore-missing-args -d 'a source operand that does not exist is no error'
complete -c io-uring-sync -l delete-missing-args -d 'delete at the destination what is missing in the source'
complete -c io-uring-sync -s c -l checksum -d 'compare contents, not modification times'
complete -c io-uring-sync -l no-checksum -d 'turn off --checksum'
complete -c io-uring-sync -s I -l ignore-times -d 'copy files even if size and time agree'
complete -c io-uring-sync -l size-only -d 'files of equal size are up to date'
complete -c io-uring-sync -s u -l update -d 'skip files that are newer at the destination'
complete -c io-uring-sync -l existing -l ignore-non-existing -d 'create nothing that is not there yet'
complete -c io-uring-sync -l ignore-existing -d 'leave alone what is already there'
complete -c io-uring-sync -s W -l whole-file -d 'copy whole files, not differences (the default)'
complete -c io-uring-sync -l no-whole-file -d 'turn off --whole-file'
complete -c io-uring-sync -s y -l fuzzy -d 'look for a similar file to start from'
complete -c io-uring-sync -l no-fuzzy -d 'turn off --fuzzy'
complete -c io-uring-sync -s z -l compress -d 'compress data on the way'
complete -c io-uring-sync -l no-compress -d 'turn off --compress'
complete -c io-uring-sync -s n -l dry-run -d 'change nothing, only say what would be done'
complete -c io-uring-sync -l inplace -d 'write into existing files'
complete -c io-uring-sync -l no-inplace -d 'turn off --inplace'
complete -c io-uring-sync -l append -d 'add what is missing at the end of shorter files'
complete -c io-uring-sync -l no-append -d 'turn off --append'
complete -c io-uring-sync -l append-verify -d 'as --append, then check the whole file'
complete -c io-uring-sync -l partial -d 'keep files that were only copied in part'
complete -c io-uring-sync -l no-partial -d 'turn off --partial'
complete -c io-uring-sync -s P -d 'same as --partial --progress'
complete -c io-uring-sync -l delay-updates -d 'put all updated files in place at the end'
complete -c io-uring-sync -l no-delay-updates -d 'turn off --delay-updates'
complete -c io-uring-sync -l no-sparse -d 'turn off --sparse'
complete -c io-uring-sync -l preallocate -d 'reserve the space of a file before writing it'
complete -c io-uring-sync -l fsync -d 'have every written file reach the disk'
complete -c io-uring-sync -l mkpath -d 'make the destination with all directories above it'
complete -c io-uring-sync -l no-mkpath -d 'turn off --mkpath'
complete -c io-uring-sync -l remove-source-files -d 'remove what was copied from the source (no directories)'
complete -c io-uring-sync -l copy-devices -d 'copy a device\'s contents into a file'
complete -c io-uring-sync -l write-devices -d 'write into devices as if they were files (implies --inplace)'
complete -c io-uring-sync -l no-write-devices -d 'turn off --write-devices'
complete -c io-uring-sync -l no-bwlimit -d 'turn off --bwlimit'
complete -c io-uring-sync -l no-timeout -d 'turn off --timeout'
complete -c io-uring-sync -s p -l perms -d 'keep permissions'
complete -c io-uring-sync -l no-perms -d 'turn off --perms'
complete -c io-uring-sync -s E -l executability -d 'keep whether a file may be executed'
complete -c io-uring-sync -s A -l acls -d 'keep access control lists (implies -p)'
complete -c io-uring-sync -l no-acls -d 'turn off --acls'
complete -c io-uring-sync -s X -l xattrs -d 'keep extended attributes'
complete -c io-uring-sync -l no-xattrs -d 'turn off --xattrs'
complete -c io-uring-sync -s o -l owner -d 'keep owners (root only)'
complete -c io-uring-sync -l no-owner -d 'turn off --owner'
complete -c io-uring-sync -s g -l group -d 'keep groups'
complete -c io-uring-sync -l no-group -d 'turn off --group'
complete -c io-uring-sync -l devices -d 'copy devices as devices (root only)'
complete -c io-uring-sync -l no-devices -d 'turn off --devices'
complete -c io-uring-sync -l specials -d 'copy fifos and sockets as such'
complete -c io-uring-sync -l no-specials -d 'turn off --specials'
complete -c io-uring-sync -s D -d 'same as --devices --specials'
complete -c io-uring-sync -l no-D -d 'turn off -D'
complete -c io-uring-sync -l drop-D -d 'create no devices or special files'
complete -c io-uring-sync -l no-drop-D -d 'turn off --drop-D'
complete -c io-uring-sync -s t -l times -d 'keep modification times'
complete -c io-uring-sync -l no-times -d 'turn off --times'
complete -c io-uring-sync -s U -l atimes -d 'keep access times'
complete -c io-uring-sync -l no-atimes -d 'turn off --atimes'
complete -c io-uring-sync -l open-noatime -d 'do not touch access times when reading'
complete -c io-uring-sync -l no-open-noatime -d 'turn off --open-noatime'
complete -c io-uring-sync -s N -l crtimes -d 'keep creation times (not on Linux)'
complete -c io-uring-sync -l no-crtimes -d 'turn off --crtimes'
complete -c io-uring-sync -s O -l omit-dir-times -d 'with -t, leave directories\' times alone'
complete -c io-uring-sync -l no-omit-dir-times -d 'turn off --omit-dir-times'
complete -c io-uring-sync -s J -l omit-link-times -d 'with -t, leave symbolic links\' times alone'
complete -c io-uring-sync -l no-omit-link-times -d 'turn off --omit-link-times'
complete -c io-uring-sync -l super -d 'try what only root may do'
complete -c io-uring-sync -l no-super -d 'turn off --super'
complete -c io-uring-sync -l fake-super -d 'keep what only root may set in extended attributes'
complete -c io-uring-sync -s H -l hard-links -d 'keep hard links'
complete -c io-uring-sync -l no-hard-links -d 'turn off --hard-links'
complete -c io-uring-sync -l numeric-ids -d 'users and groups by number, not by name'
complete -c io-uring-sync -l no-numeric-ids -d 'turn off --numeric-ids'
complete -c io-uring-sync -s l -l links -d 'copy symbolic links as links'
complete -c io-uring-sync -l no-links -d 'turn off --links'
complete -c io-uring-sync -s L -l copy-links -d 'copy what links point to'
complete -c io-uring-sync -l copy-unsafe-links -d 'copy what links out of the tree point to'
complete -c io-uring-sync -l safe-links -d 'skip links out of the tree'
complete -c io-uring-sync -l insecure-links -d 'follow other users\' links in operands and option paths'
complete -c io-uring-sync -l no-insecure-links -d 'turn off --insecure-links'
complete -c io-uring-sync -l munge-links -d 'make links unusable and back'
complete -c io-uring-sync -l no-munge-links -d 'turn off --munge-links'
complete -c io-uring-sync -s k -l copy-dirlinks -d 'copy the directory that a link points to'
complete -c io-uring-sync -s K -l keep-dirlinks -d 'a link to a directory at the destination may stand for one'
complete -c io-uring-sync -l delete -d 'delete at the destination what the source lacks'
complete -c io-uring-sync -l del -d 'same as --delete-during'
complete -c io-uring-sync -l delete-before -d 'delete everything before copying'
complete -c io-uring-sync -l delete-during -d 'delete in each directory before its files are copied'
complete -c io-uring-sync -l delete-delay -d 'find during, delete after'
complete -c io-uring-sync -l delete-after -d 'delete everything after copying'
complete -c io-uring-sync -l delete-excluded -d 'also delete what filter rules leave out'
complete -c io-uring-sync -l ignore-errors -d 'delete even after read errors'
complete -c io-uring-sync -l no-ignore-errors -d 'turn off --ignore-errors'
complete -c io-uring-sync -l force -d 'a directory with contents may make way for something else'
complete -c io-uring-sync -l no-force -d 'turn off --force'
complete -c io-uring-sync -s b -l backup -d 'keep what is replaced or deleted'
complete -c io-uring-sync -l no-backup -d 'turn off --backup'
complete -c io-uring-sync -s v -l verbose -d 'say more'
complete -c io-uring-sync -l no-verbose -d 'turn off --verbose'
complete -c io-uring-sync -s q -l quiet -d 'print errors only'
complete -c io-uring-sync -s i -l itemize-changes -d 'a line with eleven letters for each change'
complete -c io-uring-sync -l no-itemize-changes -d 'turn off --itemize-changes'
complete -c io-uring-sync -l stats -d 'totals at the end'
complete -c io-uring-sync -s h -l human-readable -d 'numbers with K, M, G; -hh in powers of 1024'
complete -c io-uring-sync -l no-human-readable -d 'turn off --human-readable'
complete -c io-uring-sync -l progress -d 'show progress of each file'
complete -c io-uring-sync -l no-progress -d 'turn off --progress'
complete -c io-uring-sync -s 8 -l 8-bit-output -d 'print bytes above 127 as they are'
complete -c io-uring-sync -l no-8-bit-output -d 'turn off --8-bit-output'
complete -c io-uring-sync -l list-only -d 'list instead of copying'
complete -c io-uring-sync -l motd -d 'do not show a daemon\'s greeting'
complete -c io-uring-sync -l no-motd -d 'turn off --motd'
complete -c io-uring-sync -s V -l version -d 'print version and capabilities'
complete -c io-uring-sync -l help -d 'print this (* -h only on its own)'
complete -c io-uring-sync -l old-args -d 'pass arguments to the remote shell as old rsyncs did'
complete -c io-uring-sync -l no-old-args -d 'turn off --old-args'
complete -c io-uring-sync -s s -l secluded-args -l protect-args -d 'keep arguments away from the remote shell'
complete -c io-uring-sync -l no-secluded-args -d 'turn off --secluded-args'
complete -c io-uring-sync -l trust-sender -d 'believe the other machine\'s file list'
complete -c io-uring-sync -l no-contimeout -d 'turn off --contimeout'
complete -c io-uring-sync -l blocking-io -d 'blocking I/O towards the remote shell'
complete -c io-uring-sync -l no-blocking-io -d 'turn off --blocking-io'
complete -c io-uring-sync -s 4 -l ipv4 -d 'prefer IPv4'
complete -c io-uring-sync -s 6 -l ipv6 -d 'prefer IPv6'
complete -c io-uring-sync -l no-iconv -d 'turn off --iconv'
complete -c io-uring-sync -l no-reflink -d 'turn off --reflink'
complete -c io-uring-sync -l drop-cache -d 'leave the page cache as it was'
complete -c io-uring-sync -l no-drop-cache -d 'turn off --drop-cache'
complete -c io-uring-sync -l verify -d 'read each written file back and compare it with the source'
complete -c io-uring-sync -l no-verify -d 'turn off --verify'
complete -c io-uring-sync -l syncfs -d 'have everything on the disk before the end'
complete -c io-uring-sync -l no-syncfs -d 'turn off --syncfs'
complete -c io-uring-sync -l bar -d 'a live view of the whole run on a terminal'
complete -c io-uring-sync -l no-bar -d 'turn off --bar'
complete -c io-uring-sync -l summary -d 'say at the end what was done and where the time went'
complete -c io-uring-sync -l no-summary -d 'turn off --summary'
complete -c io-uring-sync -l json -d 'print a JSON object a line instead of text'
complete -c io-uring-sync -l no-json -d 'turn off --json'
complete -c io-uring-sync -l doctor -d 'say what kernel and file systems allow, and copy nothing'
