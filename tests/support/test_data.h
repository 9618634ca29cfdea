#pragma once

#include <gtest/gtest.h>

#include <string>

namespace kinflow::test {

/// Folder of the public test sets: $KINFLOW_TEST_DATA, else ../shared/data beside the checkout.
std::string DataFolder();
/// Path of a file of a test set, "" if absent.
std::string DataFile(const std::string& relative);
/// Path of a program on PATH, "" if absent.
std::string FindProgram(const std::string& name);
/// True under .ci/run (KINFLOW_REQUIRE_ALL=1): what is missing fails instead of skipping.
bool MissingIsFailure();
/// A new empty folder, removed at process exit.
std::string TempFolder();
/// Runs a shell command; returns its exit status (128 + signal if killed), stdout + stderr appended
/// to `output` if given.
int RunCommand(const std::string& command, std::string* output = nullptr);

}  // namespace kinflow::test

/// Skips the test with a reason, or fails under .ci/run, if a data file is absent.
#define KINFLOW_REQUIRE_DATA(variable, relative)                                        \
  const std::string variable = kinflow::test::DataFile(relative);                       \
  if (variable.empty()) {                                                               \
    if (kinflow::test::MissingIsFailure()) FAIL() << "test data missing: " << relative; \
    GTEST_SKIP() << "test data missing: " << relative << " (set KINFLOW_TEST_DATA)";    \
  }

/// The same for a peer program (plink2, plink1.9, bcftools).
#define KINFLOW_REQUIRE_PROGRAM(variable, name)                                   \
  const std::string variable = kinflow::test::FindProgram(name);                  \
  if (variable.empty()) {                                                         \
    if (kinflow::test::MissingIsFailure()) FAIL() << "program missing: " << name; \
    GTEST_SKIP() << "program missing: " << name;                                  \
  }
