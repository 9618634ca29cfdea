#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/app/session.h"
#include "pipeline/app/study_run.h"
#include "pipeline/store/work_lock.h"

namespace kinflow {

/// Leaves OUT/.running.json: what runs there, on which lock. It goes when the run's record is
/// written; one that stays is of a run that was killed, and run.json, if any, of one before it.
/// OUT/.folders.json stays: where the run's folders are.
void MarkRunning(const LoadedConfig& config, const std::string& command, const std::string& output,
                 const std::string& work);
void UnmarkRunning(const std::string& output);
/// Of a run whose record could not be written: the mark tells how it ended and `error`, the one
/// that counts. Takes no room; says nothing if it fails too.
void MarkEnded(const std::string& output, const RunRecord& record, const std::string& error);

/// True if runs left a record or a mark in this folder.
bool IsOutputFolder(const std::string& folder);
/// Output folders beside and around a work folder whose last run used it.
std::vector<std::string> OutputsOf(const std::string& work);

/// How the last run of an output folder ended, in lines: done, failed (what), stopped, running,
/// killed without a record. `lock`: of its work folder.
std::string LastRunText(const std::string& output, const std::optional<LockInfo>& lock);

}  // namespace kinflow
