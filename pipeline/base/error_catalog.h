#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/base/exit_code.h"

namespace kinflow {

/// Stable number of a kind of error; printed as "E0412". The families follow the exit codes:
/// E02xx usage, E03xx config, E04xx input data, E05xx I/O, E06xx damaged store, E07xx resources,
/// E70xx internal, E75xx stopped on request.
enum class ErrorId : uint16_t {
  kUnknownCommand = 201,
  kMissingArgument = 202,
  kBadArgument = 203,

  kYamlSyntax = 301,
  kConfigType = 302,
  kConfigRange = 303,
  kSchemaVersion = 304,
  kConfigUnreadable = 305,
  kConfigReference = 306,  // names something that does not exist: a column, a score, a role
  kDuplicateKey = 311,
  kUnknownKey = 312,
  kMissingKey = 313,
  kYamlFeature = 314,  // anchor, tag, second document
  kConfigLimits = 315,

  kMissingFile = 401,
  kUnreadableFile = 402,
  kNoFileMatches = 403,
  kCompanionMissing = 404,
  kFormatUnknown = 410,
  kTruncated = 411,
  kRecordCount = 412,
  kMalformed = 413,
  kFieldAbsent = 414,
  kDosageInvalid = 415,
  kOffGrid = 416,
  kFileSize = 417,
  kChecksumMismatch = 418,
  kLimitExceeded = 419,
  kDuplicateSamples = 420,
  kBuildMismatch = 421,
  kNoCommonSamples = 422,
  kPedigreeLoop = 423,
  kDuplicateChild = 424,
  kParentSex = 425,
  kSamplesDiffer = 426,
  kFieldsDiffer = 427,
  kVariantOrder = 428,
  kColumnMissing = 429,
  kNoVariantMatched = 430,
  kOverlapTooLow = 431,
  kNoVariantsLeft = 432,
  kNoSamplesLeft = 433,
  kUnsupportedEffect = 434,
  kNotAccepted = 435,  // a loss that the config has to list under accept:
  kModelFailed = 440,
  kNoEstimableTerm = 441,
  kConstantOutcome = 442,
  kAllMissing = 443,
  kTooFewRows = 444,
  kAliased = 445,  // a warning, never thrown

  kReadFailed = 501,
  kWriteFailed = 502,
  kSyncFailed = 503,
  kRenameFailed = 504,
  kFolderNotWritable = 505,

  kShardDamaged = 601,
  kManifestDamaged = 602,
  kShardMissing = 603,
  kNotAStore = 604,

  kMemoryBudget = 701,
  kOutOfMemory = 702,
  kDiskFull = 711,
  kFileSizeLimit = 712,
  kLocked = 721,
  kEnvironment = 731,

  kInternal = 7001,
  kStopped = 7501,
};

struct ErrorEntry {
  ErrorId id;
  ExitCode exit_code;
  std::string_view title;        // one line
  std::string_view explanation;  // what it means, usual causes, what to do
};

/// All known errors, ascending by id. The table behind `kinflow explain code`.
std::span<const ErrorEntry> ErrorCatalog();

/// The catalogue entry of `id`; never null: every enumerator has one (tested).
const ErrorEntry& Describe(ErrorId id);

/// "E0412".
std::string ErrorName(ErrorId id);

}  // namespace kinflow
