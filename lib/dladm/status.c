/* SPDX-License-Identifier: MIT */
/* Status codes of data-link operations, their texts, and the errno each comes from. */
#include "dladm/dladm.h"

static const char *const status_texts[DLADM_STATUS_COUNT] = {
	[DLADM_STATUS_OK] = "ok",
	[DLADM_STATUS_BADARG] = "invalid argument",
	[DLADM_STATUS_FAILED] = "operation failed",
	[DLADM_STATUS_TOOSMALL] = "buffer size too small",
	[DLADM_STATUS_NOTSUP] = "operation not supported",
	[DLADM_STATUS_NOTFOUND] = "object not found",
	[DLADM_STATUS_BADVAL] = "invalid value",
	[DLADM_STATUS_NOMEM] = "insufficient memory",
	[DLADM_STATUS_EXIST] = "object already exists",
	[DLADM_STATUS_LINKINVAL] = "invalid link",
	[DLADM_STATUS_PROPRDONLY] = "read-only property",
	[DLADM_STATUS_BADVALCNT] = "invalid number of values",
	[DLADM_STATUS_DBNOTFOUND] = "database not found",
	[DLADM_STATUS_DENIED] = "permission denied",
	[DLADM_STATUS_IOERR] = "I/O error",
	[DLADM_STATUS_TEMPONLY] = "change cannot be persistent",
	[DLADM_STATUS_TIMEDOUT] = "operation timed out",
	[DLADM_STATUS_ISCONN] = "already connected",
	[DLADM_STATUS_NOTCONN] = "not connected",
	[DLADM_STATUS_REPOSITORYINVAL] = "invalid configuration repository",
	[DLADM_STATUS_MACADDRINVAL] = "invalid MAC address",
	[DLADM_STATUS_KEYINVAL] = "invalid key",
	[DLADM_STATUS_INVALIDMACADDRLEN] = "invalid MAC address length",
	[DLADM_STATUS_INVALIDMACADDRTYPE] = "invalid MAC address type",
	[DLADM_STATUS_LINKBUSY] = "link busy",
	[DLADM_STATUS_VIDINVAL] = "invalid VLAN identifier",
	[DLADM_STATUS_NONOTIF] = "link notification is not supported",
	[DLADM_STATUS_TRYAGAIN] = "try again later",
	[DLADM_STATUS_IPTUNTYPEINVAL] = "invalid IP tunnel type",
	[DLADM_STATUS_IPTUNTYPEREQD] = "IP tunnel type required",
	[DLADM_STATUS_BADIPTUNLADDR] = "invalid local IP tunnel address",
	[DLADM_STATUS_BADIPTUNRADDR] = "invalid remote IP tunnel address",
	[DLADM_STATUS_ADDRINUSE] = "address already in use",
	[DLADM_STATUS_INVALIDMACADDRINUSE] = "MAC address is already in use",
	[DLADM_STATUS_INVALIDMACPREFIX] = "invalid MAC prefix value",
	[DLADM_STATUS_INVALIDMACPREFIXLEN] = "invalid MAC prefix length",
	[DLADM_STATUS_BADPROP] = "invalid property",
	[DLADM_STATUS_MINMAXBW] = "minimum value for maxbw is 1200K",
	[DLADM_STATUS_PERSIST_ON_TEMP] =
		"can't create persistent object on top of temporary object",
	[DLADM_STATUS_BADRANGE] = "MTU outside the device's range",
};

const char *dladm_status2str(dladm_status_t status)
{
	if ((unsigned int)status >= DLADM_STATUS_COUNT || !status_texts[status])
		return "unknown error";
	return status_texts[status];
}

dladm_status_t dladm_errno2status(int err)
{
	switch (err < 0 ? -err : err) {
	case 0:
		return DLADM_STATUS_OK;
	case EINVAL:
		return DLADM_STATUS_BADARG;
	case ENAMETOOLONG:
		return DLADM_STATUS_LINKINVAL;
	case EEXIST:
		return DLADM_STATUS_EXIST;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return DLADM_STATUS_NOTFOUND;
	case ENOSPC:
		return DLADM_STATUS_TOOSMALL;
	case ENOMEM:
		return DLADM_STATUS_NOMEM;
	case ENOTSUP:
		return DLADM_STATUS_NOTSUP;
	case EACCES:
	case EPERM:
		return DLADM_STATUS_DENIED;
	case EIO:
	case EROFS:
		return DLADM_STATUS_IOERR;
	case EBUSY:
		return DLADM_STATUS_LINKBUSY;
	case EAGAIN:
		return DLADM_STATUS_TRYAGAIN;
	case ETIMEDOUT:
		return DLADM_STATUS_TIMEDOUT;
	case EADDRINUSE:
		return DLADM_STATUS_ADDRINUSE;
	case ERANGE:
		return DLADM_STATUS_BADRANGE;
	}
	return DLADM_STATUS_FAILED;
}
