// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/startup_parsers.h"
#include "cell/facts/testing/fuzz_parser.h"

// The same bytes as every source of the tables about what starts by itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ward::Bytes bytes{data, size};
    using namespace ward::facts;
    using testing::fuzz_parser;
    // The links of fuzz_parser lead to usr/bin beside the units: these are linked from elsewhere, those pull a unit in.
    const std::vector<std::string> units = {
        "/etc/systemd/system/a-b.service",           "/etc/systemd/system/default.target",
        "/usr/lib/systemd/system/t@.service",        "/usr/lib/systemd/system/x.target.wants/t@i-j.service",
        "/usr/lib/systemd/system/a-.service.d/1.conf", "/usr/lib/systemd/system/a.timer",
        "/var/lib/systemd/timers/stamp-a.timer"};
    fuzz_parser(parse_services, units, bytes);
    fuzz_parser(parse_timers, units, bytes);
    fuzz_parser(parse_unit_settings, units, bytes);
    fuzz_parser(parse_cron_jobs, {"/etc/anacrontab", "/etc/cron.d/a", "/var/spool/cron/root"}, bytes);
    fuzz_parser(parse_start_items,
                {"/etc/passwd", "/etc/profile", "/etc/xdg/autostart/a.desktop", "/etc/ld.so.preload", "/etc/udev/rules.d/1.rules",
                 "/etc/apt/apt.conf.d/1", "/etc/init.d/a", "stat:/etc/rc2.d/S01a"},
                bytes);
    return 0;
}
