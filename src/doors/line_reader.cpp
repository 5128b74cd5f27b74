// SPDX-License-Identifier: Apache-2.0
#include "doors/line_reader.h"

#include <histedit.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>

namespace ward::doors {

namespace {

constexpr int kHistoryLines = 1000;

volatile std::sig_atomic_t interrupted = 0;  // set while a line is typed, of which there is one at a time

}  // namespace

struct LineReader::Impl {
    EditLine* editor = nullptr;  // none when input is no terminal
    History* history = nullptr;
    HistEvent event{};
    std::string prompt;
};

namespace {

// libedit asks for the prompt by a function that knows nothing but the editor.
char* prompt_of(EditLine* editor) {
    void* text = nullptr;
    if (::el_get(editor, EL_CLIENTDATA, &text) != 0 || text == nullptr) return const_cast<char*>("");
    return static_cast<std::string*>(text)->data();
}

}  // namespace

LineReader::LineReader() : impl_{std::make_unique<Impl>()} {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) return;
    impl_->editor = ::el_init("ward", stdin, stdout, stderr);
    if (impl_->editor == nullptr) return;
    impl_->history = ::history_init();
    ::history(impl_->history, &impl_->event, H_SETSIZE, kHistoryLines);
    ::history(impl_->history, &impl_->event, H_SETUNIQUE, 1);
    ::el_set(impl_->editor, EL_CLIENTDATA, &impl_->prompt);
    ::el_set(impl_->editor, EL_PROMPT, prompt_of);
    ::el_set(impl_->editor, EL_HIST, ::history, impl_->history);
    ::el_set(impl_->editor, EL_EDITOR, "emacs");
    ::el_set(impl_->editor, EL_SIGNAL, 1);
}

LineReader::~LineReader() {
    if (impl_->editor != nullptr) ::el_end(impl_->editor);
    if (impl_->history != nullptr) ::history_end(impl_->history);
}

bool LineReader::is_terminal() const { return impl_->editor != nullptr; }

bool LineReader::was_interrupted() const { return interrupted != 0; }

std::optional<std::string> LineReader::next(const std::string& prompt) {
    std::string line;
    interrupted = 0;
    if (impl_->editor == nullptr) return std::getline(std::cin, line) ? std::optional{line} : std::nullopt;
    impl_->prompt = prompt;
    int count = 0;
    // libedit passes the signal on to whoever had it before, and gives the line up.
    struct sigaction ours {};
    struct sigaction before {};
    ours.sa_handler = [](int) { interrupted = 1; };
    ::sigaction(SIGINT, &ours, &before);
    const char* typed = ::el_gets(impl_->editor, &count);
    ::sigaction(SIGINT, &before, nullptr);
    if (interrupted != 0) {
        ::el_set(impl_->editor, EL_UNBUFFERED, 0);  // takes back what was typed so far
        std::puts("");
        return std::string{};
    }
    if (typed == nullptr || count <= 0) return std::nullopt;
    line.assign(typed, static_cast<std::size_t>(count));
    if (line.find_first_not_of(" \t\n") != std::string::npos) ::history(impl_->history, &impl_->event, H_ENTER, line.c_str());
    if (line.ends_with('\n')) line.pop_back();
    return line;
}

}  // namespace ward::doors
