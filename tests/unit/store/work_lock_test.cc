#include "pipeline/store/work_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "tests/support/test_data.h"
#include "tests/unit/store/store_test_util.h"

namespace kinflow {
namespace {

using test::TempFolder;

Error LockedError(const std::string& work, bool break_lock) {
  try {
    WorkLock lock(work, break_lock);
  } catch (const Error& e) {
    return e;
  }
  return Error(ErrorId::kInternal, "was not locked");
}

// A child that holds the lock until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& work) {
    int ready[2];
    if (::pipe(ready) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      WorkLock lock(work, false);
      if (::write(ready[1], "x", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char c;
    EXPECT_EQ(::read(ready[0], &c, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Holder() { Kill(); }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

void SetAge(const std::string& path, int seconds) {
  timespec now;
  ::clock_gettime(CLOCK_REALTIME, &now);
  now.tv_sec -= seconds;
  const timespec times[2] = {now, now};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(WorkLock, HoldsAndFrees) {
  const std::string work = TempFolder() + "/new/folder";
  {
    WorkLock lock(work, false);
    const auto info = ReadLock(work);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->pid, ::getpid());
    EXPECT_TRUE(info->readable);
    EXPECT_FALSE(info->IsDead());
    EXPECT_LE(info->heartbeat_age_s, 60);  // far from the minutes that break it
    EXPECT_EQ(LockedError(work, false).id(), ErrorId::kLocked);
  }
  EXPECT_FALSE(ReadLock(work));
  EXPECT_TRUE(ListFolder(work).empty());
  WorkLock again(work, false);
}

TEST(WorkLock, SecondProcessIsToldWhoHoldsIt) {
  const std::string work = TempFolder();
  Holder holder(work);
  for (const bool break_lock : {false, true}) {  // a fresh heartbeat is respected in any case
    const Error e = LockedError(work, break_lock);
    EXPECT_EQ(e.id(), ErrorId::kLocked);
    EXPECT_EQ(e.exit_code(), ExitCode::kResources);
    EXPECT_NE(e.message().find("pid " + std::to_string(holder.pid())), std::string::npos);
    EXPECT_NE(e.message().find("host "), std::string::npos);
  }
}

TEST(WorkLock, DeadHolderIsReplaced) {
  const std::string work = TempFolder();
  Holder holder(work);
  holder.Kill();
  ASSERT_TRUE(ReadLock(work));
  EXPECT_TRUE(ReadLock(work)->IsDead());
  WorkLock lock(work, false);
  EXPECT_EQ(ReadLock(work)->pid, ::getpid());
}

// A supervisor may never wait for what it started.
TEST(WorkLock, KilledHolderThatNobodyWaitedForIsDead) {
  const std::string work = TempFolder();
  Holder holder(work);
  ASSERT_EQ(::kill(holder.pid(), SIGKILL), 0);
  siginfo_t info;
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(holder.pid()), &info, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(ReadLock(work)->IsDead());
  WorkLock lock(work, false);
}

TEST(WorkLock, ReusedPidIsDead) {
  const std::string work = TempFolder();
  Holder holder(work);
  LockInfo info = *ReadLock(work);
  EXPECT_FALSE(info.IsDead());
  info.start_time += "1";  // the same pid, started at another time
  EXPECT_TRUE(info.IsDead());
}

// Nothing is known about processes of another host, boot or container.
TEST(WorkLock, HolderElsewhereIsNeverJudgedDead) {
  const std::string work = TempFolder();
  Holder holder(work);
  holder.Kill();
  const LockInfo dead = *ReadLock(work);
  ASSERT_TRUE(dead.IsDead());
  for (auto member : {&LockInfo::host, &LockInfo::boot_id, &LockInfo::pid_namespace}) {
    LockInfo other = dead;
    other.*member += "x";
    EXPECT_FALSE(other.IsDead());
    other.*member = "";
    EXPECT_FALSE(other.IsDead());
  }
}

TEST(WorkLock, BreakLockNeedsTenSilentMinutes) {
  const std::string work = TempFolder(), path = work + "/lock.json";
  WriteFileAtomically(path, "damaged");
  EXPECT_FALSE(ReadLock(work)->readable);
  EXPECT_EQ(LockedError(work, false).id(), ErrorId::kLocked);
  SetAge(path, 500);
  EXPECT_EQ(LockedError(work, true).id(), ErrorId::kLocked);
  SetAge(path, 700);
  EXPECT_EQ(LockedError(work, false).id(), ErrorId::kLocked);
  WorkLock lock(work, true);
  EXPECT_EQ(ReadLock(work)->pid, ::getpid());
}

TEST(WorkLock, LockTakenOverByAnotherIsNotRemoved) {
  const std::string work = TempFolder(), path = work + "/lock.json";
  {
    WorkLock lock(work, false);
    WriteFileAtomically(path, "of another run");
  }
  EXPECT_EQ(ReadFile(path), "of another run");
}

// Many processes over the lock of a dead one: exactly one holds it at any time.
TEST(WorkLock, OneOfManyWins) {
  for (int round = 0; round < 10; ++round) {
    const std::string work = TempFolder();
    Holder holder(work);
    holder.Kill();
    std::vector<pid_t> children;
    int go[2], told[2], leave[2];  // all try when `go` closes, and stay until `leave` does
    ASSERT_EQ(::pipe(go), 0);
    ASSERT_EQ(::pipe(told), 0);
    ASSERT_EQ(::pipe(leave), 0);
    for (int k = 0; k < 6; ++k) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        ::close(go[1]);
        ::close(leave[1]);
        char c;
        const auto tell_and_stay = [&] {
          if (::write(told[1], "x", 1) != 1 || ::read(leave[0], &c, 1) != 0) ::_exit(9);
        };
        if (::read(go[0], &c, 1) != 0) ::_exit(9);
        try {
          WorkLock lock(work, false);
          tell_and_stay();
          ::_exit(ReadLock(work)->pid == ::getpid() ? 0 : 2);
        } catch (const Error& e) {
          tell_and_stay();
          ::_exit(e.id() == ErrorId::kLocked ? 1 : 3);
        }
      }
      children.push_back(pid);
    }
    ::close(go[0]);
    ::close(go[1]);
    ::close(told[1]);  // a child that ends early must not leave the parent waiting
    char c;
    for (size_t k = 0; k < children.size(); ++k) EXPECT_EQ(::read(told[0], &c, 1), 1);
    ::close(told[0]);
    ::close(leave[0]);
    ::close(leave[1]);
    int winners = 0;
    for (const pid_t pid : children) {
      int status = 0;
      ::waitpid(pid, &status, 0);
      ASSERT_TRUE(WIFEXITED(status));
      ASSERT_LE(WEXITSTATUS(status), 1);
      winners += WEXITSTATUS(status) == 0;
    }
    EXPECT_EQ(winners, 1);
  }
}

TEST(WorkLock, SlurmJobIsNamed) {
  const std::string work = TempFolder();
  ::setenv("SLURM_JOB_ID", "4711", 1);
  WorkLock lock(work, false);
  ::unsetenv("SLURM_JOB_ID");
  EXPECT_EQ(ReadLock(work)->slurm_job, "4711");
  EXPECT_NE(LockedError(work, false).message().find("Slurm job 4711"), std::string::npos);
}

}  // namespace
}  // namespace kinflow
