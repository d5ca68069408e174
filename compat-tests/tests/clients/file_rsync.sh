# File::Rsync: arguments, output and exit status in Perl.
perl() { command perl -MFile::Rsync -e 'my ($src, $w) = splice @ARGV, 0, 2; my @way = ("path-to-rsync" => "$w/bin/rsync");'"$1" "$SRC" "$W"; }
is "a copy" "$(perl 'my $r = File::Rsync->new(@way, archive => 1, exclude => ["n7", "far/*"], delete => 1, stats => 1);
    print $r->exec(src => "$src/", dest => "$w/copy/"), $r->status, grep { /files transferred/ } $r->out')" \
    "10Number of regular files transferred: 35"
is "what is new shows" "$(echo new >"$SRC/docs/n1"; perl 'my $r = File::Rsync->new(@way, archive => 1, "itemize-changes" => 1);
    $r->exec(src => "$src/docs/", dest => "$w/copy/docs/"); print sort $r->out')" $'>f+++++++++ n7\n>f.st...... n1'
is "a failure" "$(perl 'my $r = File::Rsync->new(@way, archive => 1); $r->exec(src => "$src/none", dest => "$w/copy/");
    my ($first) = $r->err; print $r->status, " ", $first =~ /link_stat .* failed: No such file/ ? "told" : $first')" "23 told"
is "a list" "$(perl 'print map { (split " ", $_, 5)[4] } File::Rsync->new(@way)->list(src => "$src/far/")')" $'.\none\nway\ndown'
