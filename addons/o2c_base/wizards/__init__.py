from . import base_partner_merge, o2c_segment_apply
