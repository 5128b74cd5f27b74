// SPDX-License-Identifier: Apache-2.0
#include "doors/update.h"

#include <gtest/gtest.h>

namespace ward::doors {
namespace {

TEST(RequestLog, TellsOneLineARequest) {
    EXPECT_EQ(request_log_text(""), "No request has been made from here.\n");
    EXPECT_EQ(request_log_text(R"({"at":"T1","event":"asking","source":"kev","url":"https://a/x","via":"direct"}
{"at":"T2","event":"done","source":"kev","url":"https://a/x","via":"direct","peer":"192.0.2.1:443","status":302,"bytes":0,"sha256":"","error":""}
{"at":"T2","event":"refused","source":"kev","url":"https://b/x","error":"b is none of them"}
{"at":"T3","event":"asking","source":"kev","url":"https://a/x","via":"proxy:3128"}
{"at":"T4","event":"done","source":"kev","url":"https://a/x","via":"proxy:3128","peer":"","status":0,"bytes":0,"sha256":"","error":"a cannot be reached"}
{"at":"T5","event":"asking","source":"epss","url":"https://c/\u001b[31m","via":"direct"}
{"half
{"at":"T6","event":"copied","source":"kev","from":"/media/x","bytes":10,"sha256":"00"}
)"),
              "T2  kev  https://a/x  302\n"
              "T2  kev  https://b/x  not asked: b is none of them\n"
              "T4  kev  https://a/x  through proxy:3128  a cannot be reached\n"
              "T5  epss  https://c/\\x1b[31m  how it ended was not recorded\n"
              "T6  kev  copied from /media/x, 10 bytes\n"
              "1 lines are damaged.\n");
}

}  // namespace
}  // namespace ward::doors
